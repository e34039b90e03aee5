//! A run stepped again to one row and looked at there: what `result.at` tells.
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::refuse;
use crate::replay::{Series, prepare_with, sentence, with_detail};
use bot4_engine::config::Config;
use bot4_engine::desk::Halt;
use bot4_engine::desk::look::AssetLook;
use bot4_engine::desk::order::Order;
use bot4_engine::desk::resting::{Resting, Stage};
use bot4_engine::desk::rule::MISSING;
use bot4_engine::money::Scale;
use bot4_engine::replay::Replay;
use bot4_engine::replay::look::{Look, Trace};
use bot4_engine::replay::sleeves::{Sleeves, idle_program, split};
use bot4_engine::signal::program::Program;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

enum Host {
    One(Box<Replay<'static>>),
    Many(Box<Sleeves<'static>>),
}

/// A run that can be looked at row by row. One program, or several with shares of the cash.
#[pyclass(name = "Lens", module = "bot4._engine")]
pub struct PyLens {
    // Declared before what it reads: dropped first.
    host: Host,
    market: Py<PyMarket>,
    _detail: Option<Py<PyMarket>>,
    _funding: Funding,
    /// Grid rows taken.
    #[pyo3(get)]
    taken: usize,
}

#[pymethods]
impl PyLens {
    #[new]
    #[pyo3(signature = (market, members, config_json, funding=None, funding_default=None, detail=None, keep=true))]
    #[allow(clippy::too_many_arguments)] // called once a run
    fn new(
        py: Python<'_>,
        market: Py<PyMarket>,
        members: Vec<(String, Option<i64>)>,
        config_json: &str,
        funding: Series<'_>,
        funding_default: Option<(i64, i64)>,
        detail: Option<Py<PyMarket>>,
        keep: bool,
    ) -> PyResult<Self> {
        let funding = Funding::new(funding, funding_default)?;
        let config = Config::from_json(config_json).map_err(refuse)?;
        let lent = market.bind(py).get();
        let fine = detail.as_ref().map(|detail| detail.bind(py).get());
        let make = |program: &str, config: &Config| -> PyResult<Replay<'static>> {
            let count = if keep { Program::parse(program, &lent.market().symbols()).map_err(refuse)?.nodes.len() } else { 0 };
            let nodes: Vec<usize> = (0..count).collect();
            with_detail(lent, fine, funding.attach(lent, prepare_with(lent.market(), program, config, &nodes, 0)?)?)
        };
        let shares: Option<Vec<i64>> = members.iter().map(|(_, share)| *share).collect();
        let host = match (&members[..], shares) {
            ([(program, None)], _) => Host::One(Box::new(make(program, &config)?)),
            (_, Some(shares)) => {
                let idle = idle_program(lent.market().interval_ms);
                let parts = split(&config, &shares).map_err(refuse)?;
                let programs = members.iter().map(|(program, _)| program).chain(std::iter::repeat(&idle));
                let replays = parts.iter().zip(programs).map(|(own, program)| make(program, own)).collect::<PyResult<_>>()?;
                Host::Many(Box::new(Sleeves::new(replays)))
            }
            (_, None) => return Err(refuse("several programs need a share of the cash each")),
        };
        Ok(Self { host, market, _detail: detail, _funding: funding, taken: 0 })
    }

    /// Takes grid rows until `row` of them are taken; returns how many are.
    fn skip_to(&mut self, py: Python<'_>, row: usize) -> PyResult<usize> {
        let rows = row.saturating_sub(self.taken);
        let host = &mut self.host;
        let taken = py.detach(|| match host {
            Host::One(replay) => replay.skip(rows),
            Host::Many(sleeves) => sleeves.skip(rows),
        });
        self.taken += taken.map_err(|halt| self.sentence(py, halt))?;
        Ok(self.taken)
    }

    /// Returns the state as bytes; nothing for several programs, which are stepped from the start.
    fn save<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        match &self.host {
            Host::One(replay) => Some(PyBytes::new(py, &replay.save())),
            Host::Many(_) => None,
        }
    }

    /// Continues from a state saved when `taken` grid rows were taken.
    fn load(&mut self, state: &[u8], taken: usize) -> PyResult<()> {
        if let Host::One(replay) = &mut self.host {
            replay.load(state).map_err(refuse)?;
            self.taken = taken;
        }
        Ok(())
    }

    /// Runs to the end row by row; returns the decisions of each program by asset, a column for each of `Trace`.
    fn trace<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let assets = self.market.bind(py).get().market().listings.len();
        let members = if let Host::Many(sleeves) = &self.host { sleeves.members().len() } else { 1 };
        let mut traces = vec![vec![Trace::default(); assets]; members];
        let host = &mut self.host;
        let rows = py.detach(|| {
            let mut rows = 0;
            loop {
                let steps = match host {
                    Host::One(replay) => replay.trace(&mut traces[0])?,
                    Host::Many(sleeves) => sleeves.trace(&mut traces)?,
                };
                if steps == 0 {
                    return Ok(rows);
                }
                rows += steps;
            }
        });
        self.taken += rows.map_err(|halt| self.sentence(py, halt))?;
        let to = PyList::empty(py);
        for member in traces {
            let each = PyList::empty(py);
            for trace in member {
                each.append(columns(py, trace)?)?;
            }
            to.append(each)?;
        }
        Ok(to)
    }

    /// Takes one grid row; returns what it looked like to each program, nothing at the end.
    fn look<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        let looks = match &mut self.host {
            Host::One(replay) => replay.look().map(|look| look.map(|look| vec![look])),
            Host::Many(sleeves) => sleeves.look(),
        };
        let Some(looks) = looks.map_err(|halt| self.sentence(py, halt))? else { return Ok(None) };
        self.taken += 1;
        let to = PyList::empty(py);
        for (number, look) in looks.iter().enumerate() {
            to.append(self.told(py, number, look)?)?;
        }
        Ok(Some(to))
    }
}

impl PyLens {
    fn sentence(&self, py: Python<'_>, halt: Halt) -> PyErr {
        sentence(self.market.bind(py).get().market(), halt)
    }

    fn replay(&self, number: usize) -> &Replay<'static> {
        match &self.host {
            Host::One(replay) => replay,
            Host::Many(sleeves) => &sleeves.members()[number],
        }
    }

    fn told<'py>(&self, py: Python<'py>, number: usize, look: &Look) -> PyResult<Bound<'py, PyDict>> {
        let desk = self.replay(number).desk();
        let to = PyDict::new(py);
        to.set_item("ts", look.t)?;
        to.set_item("is_due", look.is_due)?;
        to.set_item("is_open", look.is_open)?;
        to.set_item("equity", look.account.equity)?;
        to.set_item("cash", look.account.cash)?;
        to.set_item("gross", look.account.gross)?;
        to.set_item("drawdown", look.account.drawdown)?;
        to.set_item("gross_e9", look.asked.gross_e9)?;
        to.set_item("budget_e9", look.asked.budget_e9)?;
        to.set_item("rows", &look.rows)?;
        to.set_item("values", &look.values)?;
        let assets = PyList::empty(py);
        for (asset, (before, after)) in look.assets.iter().enumerate() {
            let one = PyDict::new(py);
            let scale = desk.scale_of(asset);
            let keys = &desk.lanes().keys;
            one.set_item("target", look.asked.targets[asset])?;
            one.set_item("before", asset_told(py, before, scale, keys)?)?;
            one.set_item("after", asset_told(py, after, scale, keys)?)?;
            assets.append(one)?;
        }
        to.set_item("assets", assets)?;
        Ok(to)
    }
}

fn columns(py: Python<'_>, trace: Trace) -> PyResult<Bound<'_, PyDict>> {
    let to = PyDict::new(py);
    let Trace { lots, wanted, budgeted, acted_before, acted, stop, take, flags } = trace;
    let targets = [("wanted", wanted), ("budgeted", budgeted), ("acted_before", acted_before), ("acted", acted)];
    for (name, column) in targets.into_iter().chain([("lots", lots), ("stop", stop), ("take", take)]) {
        to.set_item(name, PyArray1::from_vec(py, column))?;
    }
    to.set_item("flags", PyArray1::from_vec(py, flags))?;
    Ok(to)
}

/// Zero is no level.
fn level(scale: &Scale, ticks: i64) -> Option<f64> {
    (ticks > 0).then(|| scale.price(ticks as f64))
}

fn asset_told<'py>(py: Python<'py>, look: &AssetLook, scale: &Scale, keys: &[String]) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    let view = &look.position;
    for (name, value) in [
        ("qty", view.qty),
        ("weight", view.weight),
        ("avg_price", view.avg_price),
        ("units", view.units),
        ("bars_held", view.bars_held),
        ("pnl", view.pnl),
        ("mae", view.mae),
        ("mfe", view.mfe),
        ("pending", view.pending),
    ] {
        to.set_item(name, value)?;
    }
    to.set_item("lots", look.lots)?;
    to.set_item("raw", (look.raw != MISSING).then_some(look.raw))?;
    to.set_item("acted", look.acted)?;
    to.set_item("hold", look.hold.map(|hold| (hold.side, hold.row, hold.ts)))?;
    to.set_item("is_broken", look.is_broken)?;
    to.set_item("exit", look.exit)?;
    let stops = look.stops;
    let levels = [("stop_fixed", stops.fixed), ("stop_trailing", stops.trailing), ("venue_stop", stops.venue), ("take", stops.take)];
    for (name, ticks) in levels {
        to.set_item(name, level(scale, ticks))?;
    }
    let counters = PyDict::new(py);
    counters.set_item("missing", look.counters.missing)?;
    counters.set_item("flips", look.counters.flips)?;
    counters.set_item("acts", look.counters.acts)?;
    counters.set_item("band_holds", look.counters.band_holds)?;
    counters.set_item("rejected_units", look.counters.rejected_units)?;
    counters.set_item("ignored_signals", look.counters.ignored_signals)?;
    to.set_item("counters", counters)?;
    let working = PyList::empty(py);
    if let Some(order) = &look.working {
        working.append(order_told(py, order, scale)?)?;
    }
    let lanes = PyList::empty(py);
    for lane in &look.lanes {
        let one = PyDict::new(py);
        let key = &keys[lane.key as usize];
        one.set_item("key", key)?;
        one.set_item("held", scale.quantity(lane.bracket.held * lane.bracket.side))?;
        one.set_item("stop", level(scale, lane.bracket.stop))?;
        one.set_item("trail", level(scale, lane.bracket.trail))?;
        one.set_item("take", level(scale, lane.bracket.take))?;
        one.set_item("was", lane.was)?;
        one.set_item("rights", lane.rights)?;
        one.set_item("needs_right", lane.after.is_some())?;
        for resting in lane.orders() {
            working.append(resting_told(py, resting, scale, key)?)?;
        }
        lanes.append(one)?;
    }
    to.set_item("working", working)?;
    to.set_item("lanes", lanes)?;
    Ok(to)
}

fn order_told<'py>(py: Python<'py>, order: &Order, scale: &Scale) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    to.set_item("id", order.id)?;
    to.set_item("ts", order.ts)?;
    to.set_item("due", order.due)?;
    to.set_item("side", order.side)?;
    to.set_item("qty", scale.quantity(order.lots))?;
    to.set_item("left", scale.quantity(order.left()))?;
    to.set_item("reason", order.reason as u8)?;
    to.set_item("cause", order.cause as u8)?;
    to.set_item("key", None::<&str>)?;
    to.set_item("kind", None::<u8>)?;
    to.set_item("price", None::<f64>)?;
    to.set_item("trigger", None::<f64>)?;
    Ok(to)
}

fn resting_told<'py>(py: Python<'py>, resting: &Resting, scale: &Scale, key: &str) -> PyResult<Bound<'py, PyDict>> {
    let to = order_told(py, &resting.order, scale)?;
    to.set_item("key", key)?;
    to.set_item("kind", resting.want.kind as u8)?;
    to.set_item("price", level(scale, resting.want.price))?;
    let waits = matches!(resting.stage, Stage::Sent | Stage::Watching);
    to.set_item("trigger", level(scale, if waits { resting.trigger } else { 0 }))?;
    Ok(to)
}
