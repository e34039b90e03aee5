//! The exchange's server: started and stopped here, serving on a thread of its own that never asks for the interpreter.

use crate::refuse;
use bot4_server::Running;
use bot4_server::recording::{Changes, Prints};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn column<T: numpy::Element + Copy>(of: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<T>> {
    let found = of.get_item(name)?.ok_or_else(|| refuse(format!("the recording has no column {name}")))?;
    let array = found.cast::<PyArray1<T>>().map_err(|_| refuse(format!("the recording's column {name} has another type")))?;
    Ok(array.readonly().as_array().to_vec())
}

fn changes(of: &Bound<'_, PyDict>) -> PyResult<Changes> {
    Ok(Changes {
        exch_ns: column(of, "exch_ns")?,
        local_ns: column(of, "local_ns")?,
        side: column(of, "side")?,
        ticks: column(of, "ticks")?,
        lots: column(of, "lots")?,
        flags: column(of, "flags")?,
    })
}

fn prints(of: &Bound<'_, PyDict>) -> PyResult<Prints> {
    Ok(Prints {
        exch_ns: column(of, "exch_ns")?,
        local_ns: column(of, "local_ns")?,
        ticks: column(of, "ticks")?,
        lots: column(of, "lots")?,
        buyer_is_maker: column(of, "buyer_is_maker")?,
    })
}

/// A running exchange.
#[pyclass(module = "bot4._engine")]
pub struct ExchangeServer {
    running: Running,
}

#[pymethods]
impl ExchangeServer {
    /// Starts an exchange as its settings (JSON) say; `recording` is the columns of level changes and of trades. Raises EngineError where a
    /// setting is wrong or the address cannot be had.
    #[new]
    #[pyo3(signature = (settings, recording=None))]
    fn new(py: Python<'_>, settings: &str, recording: Option<(Bound<'_, PyDict>, Bound<'_, PyDict>)>) -> PyResult<Self> {
        let columns = recording.map(|(depth, trades)| Ok::<_, PyErr>((changes(&depth)?, prints(&trades)?))).transpose()?;
        let running = py.detach(|| Running::start(settings, columns)).map_err(refuse)?;
        Ok(Self { running })
    }

    /// Address it listens on: host, port.
    #[getter]
    fn address(&self) -> (String, u16) {
        (self.running.address().ip().to_string(), self.running.address().port())
    }

    /// Commands of the journal that were done again at the start.
    #[getter]
    fn restored(&self) -> u64 {
        self.running.restored()
    }

    /// Whether the recording that is its market has ended.
    #[getter]
    fn is_over(&self) -> bool {
        self.running.is_over()
    }

    /// Whether it still serves.
    #[getter]
    fn is_alive(&self) -> bool {
        self.running.is_alive()
    }

    /// Stops it and waits for its end. Raises EngineError where it had failed before.
    fn stop(&mut self, py: Python<'_>) -> PyResult<()> {
        let running = &mut self.running;
        py.detach(|| running.stop()).map_err(refuse)
    }
}
