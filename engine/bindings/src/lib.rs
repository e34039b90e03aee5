//! `bot4._engine`: columns in, programs and policies as JSON, results as columns. Nothing else crosses.
use pyo3::prelude::*;

/// The native engine of Bot4.
#[pymodule]
fn _engine(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))
}
