//! A market borrowed from NumPy columns without a copy.
use crate::refuse;
use bot4_engine::instrument::Listing;
use bot4_engine::market::Market;
use bot4_engine::signal::grid::AssetRows;
use numpy::{Element, PyArray1, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Instruments and their bars, in id order; keeps the arrays alive and reads them in place.
#[pyclass(frozen, name = "Market", module = "bot4._engine")]
pub struct PyMarket {
    inner: Market<'static>,
    /// Owners of the memory that `inner` reads. They must not be written to while the market lives.
    _columns: Vec<Py<PyAny>>,
}

impl PyMarket {
    /// Returns the market for the length of a borrow.
    pub fn market(&self) -> &Market<'static> {
        &self.inner
    }
}

#[pymethods]
impl PyMarket {
    #[new]
    fn new(instruments_json: &str, interval_ms: i64, columns: Vec<Bound<'_, PyTuple>>) -> PyResult<Self> {
        let listings: Vec<Listing> =
            serde_json::from_str(instruments_json).map_err(|e| refuse(format!("the instruments cannot be read: {e}")))?;
        let mut owners = Vec::with_capacity(columns.len() * 6);
        let mut rows = Vec::with_capacity(columns.len());
        for tuple in &columns {
            if tuple.len() != 6 {
                return Err(refuse(format!("an asset needs 6 columns (ts, open, high, low, close, volume), got {}", tuple.len())));
            }
            rows.push(AssetRows {
                ts: column(tuple, 0, "int64", &mut owners)?,
                open: column(tuple, 1, "float64", &mut owners)?,
                high: column(tuple, 2, "float64", &mut owners)?,
                low: column(tuple, 3, "float64", &mut owners)?,
                close: column(tuple, 4, "float64", &mut owners)?,
                volume: column(tuple, 5, "float64", &mut owners)?,
            });
        }
        Ok(Self { inner: Market::new(listings, rows, interval_ms).map_err(refuse)?, _columns: owners })
    }

    /// Symbols in id order.
    #[getter]
    fn symbols(&self) -> Vec<&str> {
        self.inner.symbols()
    }

    /// Interval of the bars, ms.
    #[getter]
    fn interval_ms(&self) -> i64 {
        self.inner.interval_ms
    }

    /// Number of bars of every asset.
    #[getter]
    fn rows(&self) -> Vec<usize> {
        self.inner.columns.iter().map(|c| c.ts.len()).collect()
    }
}

/// Borrows one contiguous column of bars and keeps its owner.
fn column<T: Element>(tuple: &Bound<'_, PyTuple>, at: usize, dtype: &str, owners: &mut Vec<Py<PyAny>>) -> PyResult<&'static [T]> {
    const NAMES: [&str; 6] = ["ts", "open", "high", "low", "close", "volume"];
    borrow(&tuple.get_item(at)?, NAMES[at], dtype, owners)
}

/// Borrows one contiguous array and keeps its owner, which must live as long as the slice is read.
pub fn borrow<T: Element>(object: &Bound<'_, PyAny>, name: &str, dtype: &str, owners: &mut Vec<Py<PyAny>>) -> PyResult<&'static [T]> {
    let wrong = || refuse(format!("column {name} must be a contiguous one-dimensional {dtype} array"));
    let array = object.cast::<PyArray1<T>>().map_err(|_| wrong())?;
    if !array.is_contiguous() {
        return Err(wrong());
    }
    owners.push(object.clone().unbind());
    // SAFETY: the array is contiguous and aligned, its owner lives in `owners` as long as the slice is reachable, and the market's
    // contract (written in its docs and kept by the data room, which lends the columns read-only) is that nobody writes to it.
    let slice: &[T] = unsafe { array.as_slice() }.map_err(|_| wrong())?;
    Ok(unsafe { std::slice::from_raw_parts(slice.as_ptr(), slice.len()) })
}
