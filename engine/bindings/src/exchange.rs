//! The exchange's server: started and stopped here, serving on a thread of its own that never asks for the interpreter.

use crate::refuse;
use bot4_server::Running;
use pyo3::prelude::*;

/// A running exchange.
#[pyclass(module = "bot4._engine")]
pub struct ExchangeServer {
    running: Running,
}

#[pymethods]
impl ExchangeServer {
    /// Starts an exchange as its settings (JSON) say. Raises EngineError where a setting is wrong or the address cannot be had.
    #[new]
    fn new(py: Python<'_>, settings: &str) -> PyResult<Self> {
        let running = py.detach(|| Running::start(settings)).map_err(refuse)?;
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
