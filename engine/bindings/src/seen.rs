//! What an event strategy is handed: a bar, a fill, a position, an account, a working order, some history. Plain values, made when asked for.
use crate::market::PyMarket;
use bot4_engine::event::{AccountView, PositionView};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::ops::Range;

/// A bar that has closed.
#[pyclass(frozen, name = "Bar", module = "bot4._engine")]
pub struct Bar {
    #[pyo3(get)]
    pub symbol: Py<PyString>,
    #[pyo3(get)]
    pub ts: i64,
    #[pyo3(get)]
    pub open: f64,
    #[pyo3(get)]
    pub high: f64,
    #[pyo3(get)]
    pub low: f64,
    #[pyo3(get)]
    pub close: f64,
    #[pyo3(get)]
    pub volume: f64,
}

#[pymethods]
impl Bar {
    fn __repr__(&self, py: Python<'_>) -> String {
        let Self { ts, open, high, low, close, volume, .. } = self;
        format!("<Bar {} ts={ts} open={open} high={high} low={low} close={close} volume={volume}>", self.symbol.bind(py))
    }
}

/// A fill of the bars that have just closed.
#[pyclass(frozen, name = "Fill", module = "bot4._engine", get_all)]
pub struct Fill {
    pub symbol: Py<PyString>,
    /// Key of the order; none where a target sent it.
    pub key: Option<String>,
    /// Number of the order.
    pub order: u32,
    /// Open time of the bar, ms.
    pub ts: i64,
    /// Signed quantity.
    pub qty: f64,
    pub price: f64,
    pub fee: f64,
    pub is_maker: bool,
    /// Why its order was sent, as in `result.fills`.
    pub reason: &'static str,
    /// Position after it, signed.
    pub position: f64,
}

#[pymethods]
impl Fill {
    /// `buy` or `sell`.
    #[getter]
    fn side(&self) -> &'static str {
        if self.qty > 0.0 { "buy" } else { "sell" }
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let key = self.key.as_deref().unwrap_or("target");
        format!("<Fill {} {key} qty={} price={} reason={}>", self.symbol.bind(py), self.qty, self.price, self.reason)
    }
}

/// An order at work.
#[pyclass(frozen, name = "Working", module = "bot4._engine", get_all)]
pub struct Working {
    pub key: String,
    /// Number of the order.
    pub order: u32,
    /// `buy` or `sell`.
    pub side: &'static str,
    pub kind: &'static str,
    /// Quantity left, above 0.
    pub qty: f64,
    /// Limit price; none where it has none.
    pub price: Option<f64>,
    /// Price that triggers it; none where it has none or was triggered.
    pub trigger: Option<f64>,
}

#[pymethods]
impl Working {
    fn __repr__(&self) -> String {
        format!("<Working {} {} {} qty={}>", self.key, self.kind, self.side, self.qty)
    }
}

/// A position at decision time, after all fills up to it.
#[pyclass(frozen, name = "Position", module = "bot4._engine")]
pub struct Position(pub PositionView);

#[pymethods]
impl Position {
    #[getter]
    fn qty(&self) -> f64 {
        self.0.qty
    }
    #[getter]
    fn weight(&self) -> f64 {
        self.0.weight
    }
    #[getter]
    fn avg_price(&self) -> f64 {
        self.0.avg_price
    }
    #[getter]
    fn first_fill(&self) -> f64 {
        self.0.first_fill
    }
    #[getter]
    fn last_fill(&self) -> f64 {
        self.0.last_fill
    }
    #[getter]
    fn units(&self) -> f64 {
        self.0.units
    }
    #[getter]
    fn bars_held(&self) -> f64 {
        self.0.bars_held
    }
    #[getter]
    fn pnl(&self) -> f64 {
        self.0.pnl
    }
    #[getter]
    fn mae(&self) -> f64 {
        self.0.mae
    }
    #[getter]
    fn mfe(&self) -> f64 {
        self.0.mfe
    }
    #[getter]
    fn pending(&self) -> f64 {
        self.0.pending
    }
    #[getter]
    fn flat(&self) -> bool {
        self.0.qty == 0.0
    }
    #[getter]
    fn is_open(&self) -> bool {
        self.0.qty != 0.0
    }
    fn __repr__(&self) -> String {
        format!("<Position qty={} avg_price={} pnl={}>", self.0.qty, self.0.avg_price, self.0.pnl)
    }
}

/// The account at decision time.
#[pyclass(frozen, name = "Account", module = "bot4._engine")]
pub struct Account(pub AccountView);

#[pymethods]
impl Account {
    #[getter]
    fn equity(&self) -> f64 {
        self.0.equity
    }
    #[getter]
    fn cash(&self) -> f64 {
        self.0.cash
    }
    #[getter]
    fn gross(&self) -> f64 {
        self.0.gross
    }
    #[getter]
    fn drawdown(&self) -> f64 {
        self.0.drawdown
    }
    fn __repr__(&self) -> String {
        format!("<Account equity={} cash={}>", self.0.equity, self.0.cash)
    }
}

/// The last bars of an asset that have arrived, oldest first. Columns are copied when asked for: nothing leads on to later bars.
#[pyclass(frozen, name = "History", module = "bot4._engine")]
pub struct History {
    pub market: Py<PyMarket>,
    pub asset: usize,
    pub rows: Range<usize>,
}

impl History {
    fn column<'py>(&self, py: Python<'py>, of: impl Fn(&PyMarket, usize) -> &'static [f64]) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &of(self.market.get(), self.asset)[self.rows.clone()])
    }
}

#[pymethods]
impl History {
    fn __len__(&self) -> usize {
        self.rows.len()
    }
    #[getter]
    fn ts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        PyArray1::from_slice(py, &self.market.get().market().columns[self.asset].ts[self.rows.clone()])
    }
    #[getter]
    fn open<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.column(py, |market, asset| market.market().columns[asset].open)
    }
    #[getter]
    fn high<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.column(py, |market, asset| market.market().columns[asset].high)
    }
    #[getter]
    fn low<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.column(py, |market, asset| market.market().columns[asset].low)
    }
    #[getter]
    fn close<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.column(py, |market, asset| market.market().columns[asset].close)
    }
    #[getter]
    fn volume<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.column(py, |market, asset| market.market().columns[asset].volume)
    }
    fn __repr__(&self) -> String {
        format!("<History of {} bars>", self.rows.len())
    }
}
