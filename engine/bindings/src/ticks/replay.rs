//! A replay of ticks: the store's columns borrowed, orders by call, reports as columns.
use super::orders::rows_of;
use crate::market::borrow;
use crate::refuse;
use bot4_ticks::book::{Levels, Side, microprice, mid2};
use bot4_ticks::columns::{Columns, Depth, Trades};
use bot4_ticks::latency::Latency;
use bot4_ticks::orders::Rows;
use bot4_ticks::queue::{NAMES, Queue};
use bot4_ticks::replay::{Ask, Config, Force, Realism, Replay, Report, TOLD, WHY};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Deserialize;

/// A latency as JSON: `{"constant_ns": 1}`, `{"median_ns": 1, "sigma": 0.5}`, `{"drawn_ns": […]}`, `{"recorded": [[at ns, ns], …]}`.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum LatencyOf {
    Constant { constant_ns: i64 },
    LogNormal { median_ns: i64, sigma: f64 },
    Drawn { drawn_ns: Vec<i64> },
    Recorded { recorded: Vec<(i64, i64)> },
}

impl From<LatencyOf> for Latency {
    fn from(from: LatencyOf) -> Self {
        match from {
            LatencyOf::Constant { constant_ns } => Self::Constant(constant_ns),
            LatencyOf::LogNormal { median_ns, sigma } => Self::LogNormal { median_ns, sigma },
            LatencyOf::Drawn { drawn_ns } => Self::Drawn(drawn_ns.into()),
            LatencyOf::Recorded { recorded } => Self::Recorded(recorded.into()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigOf {
    queue: String,
    #[serde(default = "one")]
    exponent: f64,
    realism: String,
    entry: LatencyOf,
    cancel: LatencyOf,
    response: LatencyOf,
    recovery_ns: i64,
    max_orders: usize,
    seed: u64,
}

fn one() -> f64 {
    1.0
}

fn config_of(json: &str) -> PyResult<Config> {
    let of: ConfigOf = serde_json::from_str(json).map_err(|error| refuse(format!("the replay's settings cannot be read: {error}")))?;
    let queue = Queue::named(&of.queue, of.exponent)
        .ok_or_else(|| refuse(format!("{:?} is no queue model; give one of {}", of.queue, NAMES.join(", "))))?;
    let realism = match of.realism.as_str() {
        "strict" => Realism::Strict,
        "neutral" => Realism::Neutral,
        "naive" => Realism::Naive,
        other => return Err(refuse(format!("{other:?} is no realism; give strict, neutral or naive"))),
    };
    Ok(Config {
        queue,
        realism,
        entry: of.entry.into(),
        cancel: of.cancel.into(),
        response: of.response.into(),
        recovery_ns: of.recovery_ns,
        max_orders: of.max_orders,
        seed: of.seed,
    })
}

/// Real market data with our orders in it. See `docs/ticks.md`.
#[pyclass(name = "TickReplay", module = "bot4._engine")]
pub struct PyTickReplay {
    // Declared before what it reads: dropped first.
    inner: Replay<'static>,
    reports: Vec<Report>,
    _columns: Vec<Py<PyAny>>,
}

#[pymethods]
impl PyTickReplay {
    #[new]
    #[pyo3(signature = (depth, trades, config_json, orders=None))]
    fn new(
        py: Python<'_>,
        depth: &Bound<'_, PyDict>,
        trades: &Bound<'_, PyDict>,
        config_json: &str,
        orders: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut owners = Vec::new();
        let mut columns = columns_of(depth, trades, &mut owners)?;
        if let Some(orders) = orders {
            columns.orders = rows_of(orders, &mut owners)?;
        }
        let config = config_of(config_json)?;
        let inner = py.detach(|| Replay::new(columns, &config)).map_err(refuse)?;
        Ok(Self { inner, reports: Vec::new(), _columns: owners })
    }

    /// Local time, ns.
    #[getter]
    fn now(&self) -> i64 {
        self.inner.now()
    }

    /// When the next row arrives, ns; nothing at the end.
    #[getter]
    fn next_ns(&self) -> Option<i64> {
        self.inner.next_ns()
    }

    /// Rows of depth and trades that have arrived.
    #[getter]
    fn rows(&self) -> (usize, usize) {
        self.inner.rows()
    }

    /// Sends an order now and returns its number; without `ticks` a market order.
    #[pyo3(signature = (side, ticks, lots, force="rest"))]
    fn submit(&mut self, side: i8, ticks: Option<i64>, lots: i64, force: &str) -> PyResult<u64> {
        if side != 1 && side != -1 {
            return Err(refuse(format!("{side} is no side; give 1 to buy, -1 to sell")));
        }
        let force = match force {
            "rest" => Force::Rest,
            "post" => Force::Post,
            "ioc" => Force::Now,
            "fok" => Force::All,
            other => return Err(refuse(format!("{other:?} is no time in force; give rest, post, ioc or fok"))),
        };
        self.inner.submit(Ask { side: Side::of(side), ticks, lots, force }).map_err(refuse)
    }

    /// Sends a cancel now.
    fn cancel(&mut self, id: u64) {
        self.inner.cancel(id);
    }

    /// Sends an amend now: price and lots left.
    fn amend(&mut self, id: u64, ticks: i64, lots: i64) -> PyResult<()> {
        self.inner.amend(id, ticks, lots).map_err(refuse)
    }

    /// Goes on to a local time, ns; returns how many reports arrived.
    fn advance_to(&mut self, py: Python<'_>, local_ns: i64) -> usize {
        let inner = &mut self.inner;
        let arrived = py.detach(|| inner.advance_to(local_ns));
        self.reports.extend_from_slice(arrived);
        arrived.len()
    }

    /// Goes on until something is reported, at most to a local time, ns; returns how many reports arrived.
    fn advance_to_report(&mut self, py: Python<'_>, local_ns: i64) -> usize {
        let inner = &mut self.inner;
        let arrived = py.detach(|| inner.advance_to_report(local_ns));
        self.reports.extend_from_slice(arrived);
        arrived.len()
    }

    /// Returns the reports since the last call as columns, and forgets them. `told` and `why` are numbers of `told_names`, `why_names`.
    fn take_reports<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let reports = std::mem::take(&mut self.reports);
        let to = PyDict::new(py);
        let ints = |read: fn(&Report) -> i64| PyArray1::from_iter(py, reports.iter().map(read));
        to.set_item("local_ns", ints(|report| report.local_ns))?;
        to.set_item("exch_ns", ints(|report| report.exch_ns))?;
        to.set_item("id", ints(|report| report.id as i64))?;
        to.set_item("told", PyArray1::from_iter(py, reports.iter().map(|report| report.told as u8)))?;
        to.set_item("why", PyArray1::from_iter(py, reports.iter().map(|report| report.why as u8)))?;
        to.set_item("is_maker", PyArray1::from_iter(py, reports.iter().map(|report| report.is_maker)))?;
        to.set_item("ticks", ints(|report| report.ticks))?;
        to.set_item("lots", ints(|report| report.lots))?;
        to.set_item("left", ints(|report| report.left))?;
        to.set_item("row", ints(|report| report.row))?;
        Ok(to)
    }

    /// Best bid and ask as known locally: (bid ticks, bid lots, ask ticks, ask lots); zeros for an empty side.
    fn best(&self) -> (i64, i64, i64, i64) {
        let side = |side| self.inner.book().best(side).map_or((0, 0), |level| (level.ticks, level.lots));
        let ((bid, bid_lots), (ask, ask_lots)) = (side(Side::Bid), side(Side::Ask));
        (bid, bid_lots, ask, ask_lots)
    }

    /// The best `count` levels of a side as known locally: [(ticks, lots), …].
    fn levels(&self, side: i8, count: usize) -> Vec<(i64, i64)> {
        let (book, side) = (self.inner.book(), Side::of(side));
        let next = |level: &bot4_ticks::book::Level| book.next(side, level.ticks);
        std::iter::successors(book.best(side), next).take(count).map(|level| (level.ticks, level.lots)).collect()
    }

    /// Lots at a price as known locally.
    fn lots_at(&self, side: i8, ticks: i64) -> i64 {
        self.inner.book().lots(Side::of(side), ticks)
    }

    /// Middle of best bid and ask, in ticks.
    fn mid(&self) -> Option<f64> {
        mid2(self.inner.book()).map(|twice| twice as f64 / 2.0)
    }

    /// Price weighted by the quantity of the other side, in ticks.
    fn microprice(&self) -> Option<f64> {
        microprice(self.inner.book())
    }

    /// Trades as known locally: (last ticks, last lots with the aggressor's sign, bought, sold, count).
    fn tape(&self) -> (i64, i64, i64, i64, i64) {
        let tape = self.inner.tape();
        (tape.ticks, tape.lots, tape.bought, tape.sold, tape.count)
    }

    /// Hash of the local book; equal books have equal hashes.
    fn book_hash(&self) -> u64 {
        self.inner.book().hash()
    }

    /// Names of what is told, by number.
    #[classattr]
    fn told_names() -> Vec<&'static str> {
        TOLD.to_vec()
    }

    /// Names of why something was filled, by number.
    #[classattr]
    fn why_names() -> Vec<&'static str> {
        WHY.to_vec()
    }
}

/// Returns a column of a dictionary by name.
pub(super) fn get<'py>(of: &Bound<'py, PyDict>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    of.get_item(name)?.ok_or_else(|| refuse(format!("column {name} is missing")))
}

/// Borrows the store's columns.
pub(super) fn columns_of(depth: &Bound<'_, PyDict>, trades: &Bound<'_, PyDict>, owners: &mut Vec<Py<PyAny>>) -> PyResult<Columns<'static>> {
    Ok(Columns {
        depth: Depth {
            exch_ns: borrow(&get(depth, "exch_ns")?, "exch_ns", "int64", owners)?,
            local_ns: borrow(&get(depth, "local_ns")?, "local_ns", "int64", owners)?,
            side: borrow(&get(depth, "side")?, "side", "int8", owners)?,
            ticks: borrow(&get(depth, "ticks")?, "ticks", "int64", owners)?,
            lots: borrow(&get(depth, "lots")?, "lots", "int64", owners)?,
            flags: borrow(&get(depth, "flags")?, "flags", "uint8", owners)?,
        },
        trades: Trades {
            exch_ns: borrow(&get(trades, "exch_ns")?, "exch_ns", "int64", owners)?,
            local_ns: borrow(&get(trades, "local_ns")?, "local_ns", "int64", owners)?,
            ticks: borrow(&get(trades, "ticks")?, "ticks", "int64", owners)?,
            lots: borrow(&get(trades, "lots")?, "lots", "int64", owners)?,
            buyer_is_maker: borrow(&get(trades, "buyer_is_maker")?, "buyer_is_maker", "uint8", owners)?,
        },
        orders: Rows::default(),
    })
}
