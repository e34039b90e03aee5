//! The stepping host of event strategies: hands out what has happened, one callback at a time, and takes what is asked.
//!
//! Order of one row: market half → fills in order → timers due → bars by id → decision half. Python calls the methods; no object is made for
//! what no method gets.
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::records::{self, Columns};
use crate::refuse;
use crate::replay::{Series, sentence, with_detail};
use crate::seen::{Account, Bar, Fill, History, Position, Working};
use crate::stopwatch::Stopwatch;
use crate::wants;
use bot4_engine::config::Config;
use bot4_engine::desk::reason::{OrderKind, Reason};
use bot4_engine::money::AMOUNT_SCALE;
use bot4_engine::replay::Replay;
use bot4_engine::replay::events::{EventRun, EventSetup};
use bot4_engine::signal::program::Program;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::collections::HashMap;

const END: u8 = 0;
const BAR: u8 = 1;
const FILL: u8 = 2;
const TIMER: u8 = 3;

/// Rows between two looks at Ctrl-C and progress: a few milliseconds.
const ROWS_BETWEEN_SIGNALS: usize = 4_096;
const NOBODY: usize = usize::MAX;

/// What comes next in the row.
#[derive(Clone, Copy)]
enum Phase {
    Row,
    Fills(usize),
    Timers,
    Bars(usize),
}

/// A run of an event strategy. What begins with an underscore is for the package alone.
#[pyclass(subclass, name = "EventRun", module = "bot4._engine")]
pub struct PyEventRun {
    // Declared before what it reads: dropped first.
    run: EventRun<'static>,
    market: Py<PyMarket>,
    _detail: Option<Py<PyMarket>>,
    _funding: Funding,
    symbols: Vec<Py<PyString>>,
    ids: HashMap<String, usize>,
    /// Places of the signals by name.
    signals: HashMap<String, usize>,
    columns: Columns,
    phase: Phase,
    /// Asset of the running callback.
    asset: usize,
    /// Fill of the running callback.
    fill: usize,
    /// Next timer due, ms.
    timer_ms: i64,
    /// Whether bars and fills are handed out.
    wanted: [bool; 2],
    stopwatch: Stopwatch,
    rows: usize,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl PyEventRun {
    /// `signals` are named nodes of the program, `settings` (keys at once, budget in billionths, compute latency in ms), `wanted` whether bars and
    /// fills are handed out.
    #[new]
    #[pyo3(signature = (market, program_json, config_json, signals, settings, wanted, progress=None, funding=None, funding_default=None, detail=None))]
    #[allow(clippy::too_many_arguments)] // called once a run
    fn new(
        py: Python<'_>,
        market: Py<PyMarket>,
        program_json: &str,
        config_json: &str,
        signals: Vec<(String, usize)>,
        settings: (usize, i64, i64),
        wanted: (bool, bool),
        progress: Option<Py<PyAny>>,
        funding: Series<'_>,
        funding_default: Option<(i64, i64)>,
        detail: Option<Py<PyMarket>>,
    ) -> PyResult<Self> {
        let funding = Funding::new(funding, funding_default)?;
        let lent = market.get();
        let symbols = lent.market().symbols();
        let mut program = Program::parse(program_json, &symbols).map_err(refuse)?;
        let nodes: Vec<usize> = signals.iter().map(|&(_, node)| program.carried(node)).collect();
        let config = Config::from_json(config_json).map_err(refuse)?;
        let replay = Replay::new(lent.market(), &program, &config, &nodes, 0).map_err(refuse)?;
        let replay = with_detail(lent, detail.as_ref().map(|detail| detail.get()), funding.attach(lent, replay)?)?;
        let settled = program.settled(nodes.iter().copied());
        let (room, budget_e9, compute_ms) = settings;
        Ok(Self {
            run: EventRun::new(
                replay,
                nodes.iter().map(|&node| (node, program.nodes[node].only)).collect(),
                settled,
                EventSetup { room, budget_e9, compute_ms },
            ),
            symbols: symbols.iter().map(|symbol| PyString::intern(py, symbol).unbind()).collect(),
            ids: symbols.iter().enumerate().map(|(id, symbol)| (symbol.to_string(), id)).collect(),
            signals: signals.into_iter().enumerate().map(|(place, (name, _))| (name, place)).collect(),
            market,
            _detail: detail,
            _funding: funding,
            columns: Columns::default(),
            phase: Phase::Row,
            asset: NOBODY,
            fill: 0,
            timer_ms: i64::MAX,
            wanted: wanted.into(),
            stopwatch: Stopwatch::default(),
            rows: 0,
            progress,
        })
    }

    /// Steps to the next callback and returns its code: 0 end, 1 bar, 2 fill, 3 timer.
    fn _next(&mut self, py: Python<'_>) -> PyResult<u8> {
        self.stopwatch.stop();
        let code = loop {
            match self.phase {
                Phase::Row => {
                    if !self.next_row(py)? {
                        break END;
                    }
                }
                Phase::Fills(at) => match self.run.fills().get(at) {
                    Some(fill) if self.wanted[1] => {
                        (self.asset, self.fill, self.phase) = (fill.asset as usize, at, Phase::Fills(at + 1));
                        break FILL;
                    }
                    _ => self.phase = Phase::Timers,
                },
                Phase::Timers => {
                    if self.run.now() >= self.timer_ms {
                        self.asset = if self.symbols.len() == 1 { 0 } else { NOBODY };
                        break TIMER;
                    }
                    self.phase = Phase::Bars(0);
                }
                Phase::Bars(at) => match self.run.present().get(at) {
                    Some(entry) if self.wanted[0] => {
                        (self.asset, self.phase) = (entry.asset as usize, Phase::Bars(at + 1));
                        if self.run.is_settled(self.asset) {
                            break BAR;
                        }
                    }
                    _ => self.phase = Phase::Row,
                },
            }
        };
        self.stopwatch.start();
        Ok(code)
    }

    /// The bar of the running callback.
    fn _bar(&self, py: Python<'_>) -> Bar {
        let columns = &self.market.get().market().columns[self.asset];
        let row = self.run.arrived(self.asset) - 1;
        Bar {
            symbol: self.symbols[self.asset].clone_ref(py),
            ts: columns.ts[row],
            open: columns.open[row],
            high: columns.high[row],
            low: columns.low[row],
            close: columns.close[row],
            volume: columns.volume[row],
        }
    }

    /// The fill of the running callback.
    fn _fill(&self, py: Python<'_>) -> Fill {
        let fill = &self.run.fills()[self.fill];
        let scale = self.run.scale(fill.asset as usize);
        let name = |reason: Reason| Reason::TABLE.iter().find(|(code, _)| *code == reason as u8).map_or("", |&(_, name)| name);
        Fill {
            symbol: self.symbols[fill.asset as usize].clone_ref(py),
            key: self.run.key_of(fill).map(str::to_string),
            order: fill.order,
            ts: fill.ts,
            qty: scale.quantity(fill.lots),
            price: scale.price(fill.ticks as f64),
            fee: fill.fee as f64 / AMOUNT_SCALE as f64,
            is_maker: fill.maker,
            reason: name(fill.reason),
            position: scale.quantity(fill.position),
        }
    }

    /// Says when the next timer is due, ms.
    fn _wake_at(&mut self, ms: i64) {
        self.timer_ms = ms;
    }

    /// Decision time, ms UTC: when the bars that are handed out closed.
    #[getter]
    fn now(&self) -> i64 {
        self.run.now()
    }

    /// Symbol of the asset that the callback is about; None where it is about none.
    #[getter]
    fn symbol(&self, py: Python<'_>) -> Option<Py<PyString>> {
        self.symbols.get(self.asset).map(|symbol| symbol.clone_ref(py))
    }

    /// Symbols of all assets, in id order.
    #[getter]
    fn symbols(&self, py: Python<'_>) -> Vec<Py<PyString>> {
        self.symbols.iter().map(|symbol| symbol.clone_ref(py)).collect()
    }

    /// Returns the position of an asset, of the callback's own without a symbol.
    #[pyo3(signature = (symbol=None))]
    fn position(&self, symbol: Option<&str>) -> PyResult<Position> {
        Ok(Position(self.run.position(self.id(symbol)?)))
    }

    /// The account.
    #[getter]
    fn account(&self) -> PyResult<Account> {
        self.run.account().map(Account).map_err(|_| refuse("the account's cash does not fit the integer scale"))
    }

    /// Returns the last `n` bars of an asset that have arrived (fewer at the beginning), oldest first.
    fn history(&self, py: Python<'_>, symbol: &str, n: usize) -> PyResult<History> {
        let asset = self.id(Some(symbol))?;
        let end = self.run.arrived(asset);
        Ok(History { market: self.market.clone_ref(py), asset, rows: end.saturating_sub(n)..end })
    }

    /// Returns the present value of a signal of an asset; NaN where it is missing.
    #[pyo3(signature = (name, symbol=None))]
    fn signal(&self, name: &str, symbol: Option<&str>) -> PyResult<f64> {
        let Some(&place) = self.signals.get(name) else {
            let mut known: Vec<&str> = self.signals.keys().map(String::as_str).collect();
            known.sort_unstable();
            let known = if known.is_empty() {
                "write def signals(self, m) to have some".to_string()
            } else {
                format!("there are {}", known.join(", "))
            };
            return Err(refuse(format!("there is no signal {name}; {known}")));
        };
        Ok(self.run.signal(place, self.id(symbol)?))
    }

    /// Returns the orders at work on an asset by key; what this row's callbacks ask for works from its decision on.
    #[pyo3(signature = (symbol=None))]
    fn working<'py>(&self, py: Python<'py>, symbol: Option<&str>) -> PyResult<Bound<'py, PyDict>> {
        let asset = self.id(symbol)?;
        let scale = self.run.scale(asset);
        let to = PyDict::new(py);
        let price = |ticks: i64| (ticks > 0).then(|| scale.price(ticks as f64));
        for (key, lane) in self.run.lanes(asset) {
            let Some(resting) = &lane.order else { continue };
            let kind = OrderKind::TABLE.iter().find(|(code, _)| *code == resting.want.kind as u8).map_or("", |&(_, name)| name);
            let working = Working {
                key: key.to_string(),
                order: resting.order.id,
                side: if resting.order.side > 0 { "buy" } else { "sell" },
                kind,
                qty: scale.quantity(resting.order.left()),
                price: price(resting.want.price),
                trigger: price(resting.trigger),
            };
            to.set_item(key, working)?;
        }
        Ok(to)
    }

    /// Returns the signed quantity that each key of an asset holds until its exits fill.
    #[pyo3(signature = (symbol=None))]
    fn held<'py>(&self, py: Python<'py>, symbol: Option<&str>) -> PyResult<Bound<'py, PyDict>> {
        let asset = self.id(symbol)?;
        let to = PyDict::new(py);
        for (key, lane) in self.run.lanes(asset).filter(|(_, lane)| lane.bracket.held > 0) {
            to.set_item(key, self.run.scale(asset).quantity(lane.bracket.side * lane.bracket.held))?;
        }
        Ok(to)
    }

    /// Asks for an order: (side, kind, unit, tif, bars, ms, post_only, reduce_only, holds) and (size, price, trigger, distance, per_unit, stop, trail,
    /// take, stop_at, take_at), 0 = none.
    fn _order(
        &mut self,
        symbol: Option<&str>,
        key: &str,
        oco: Option<&str>,
        codes: (i64, u8, u8, u8, u64, i64, bool, bool, bool),
        numbers: [f64; 10],
    ) -> PyResult<()> {
        let asset = self.id(symbol)?;
        let group = oco.map_or(0, |name| self.run.group(name));
        let want = wants::order(self.run.scale(asset), key, group, codes, numbers).map_err(refuse)?;
        self.run.order(asset, key, &want).map_err(refuse)
    }

    /// Asks to cancel what works under a key.
    fn _cancel(&mut self, symbol: Option<&str>, key: &str) -> PyResult<()> {
        let asset = self.id(symbol)?;
        self.run.cancel(asset, key).map_err(refuse)
    }

    /// Sets a target: (unit, rearm mode, its bars or ms, age in bars, age in ms) and (value, band, stop, trail, take), NaN = none.
    fn _target(&mut self, symbol: Option<&str>, codes: (u8, u8, i64, i64, i64), numbers: [f64; 5]) -> PyResult<()> {
        let asset = self.id(symbol)?;
        let (rule, standing) = wants::target(codes, numbers).map_err(refuse)?;
        self.run.target(asset, rule, standing).map_err(refuse)
    }

    /// The last close of an asset that has arrived; missing before the first.
    fn _close(&self, symbol: Option<&str>) -> PyResult<f64> {
        let asset = self.id(symbol)?;
        let row = self.run.arrived(asset).checked_sub(1);
        Ok(row.map_or(f64::NAN, |row| self.market.get().market().columns[asset].close[row]))
    }

    /// Takes the records, as `run` returns them.
    fn _results<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        records::take(py, self.run.replay(), std::mem::take(&mut self.columns))
    }

    /// Times of callbacks so far: (count, mean, p50, p99, max), ns.
    fn _callback_time(&self) -> (u64, f64, f64, f64, f64) {
        let [mean, p50, p99, most] = self.stopwatch.figures([0.5, 0.99]);
        (self.stopwatch.count(), mean, p50, p99, most)
    }
}

impl PyEventRun {
    /// Takes rows up to the first at which decisions are allowed; false at the end.
    fn next_row(&mut self, py: Python<'_>) -> PyResult<bool> {
        loop {
            // Between two rows: the records of a row are looked at until the next.
            if self.rows % ROWS_BETWEEN_SIGNALS == 0 && self.rows > 0 {
                self.look_around(py)?;
            }
            self.rows += 1;
            let went_on = self.run.advance().map_err(|halt| sentence(self.market.get().market(), halt))?;
            if !went_on {
                return Ok(false);
            }
            if self.run.is_trading() {
                self.phase = Phase::Fills(0);
                return Ok(true);
            }
        }
    }

    /// Turns records into columns, looks for Ctrl-C and tells the progress.
    fn look_around(&mut self, py: Python<'_>) -> PyResult<()> {
        let longest = self.market.get().market().columns.iter().map(|c| c.ts.len()).max().unwrap_or(0);
        let part = self.rows as f64 / longest.max(self.rows) as f64;
        self.columns.take(&mut self.run.replay().records, part);
        py.check_signals()?;
        match &self.progress {
            Some(progress) => progress.call1(py, (self.rows,)).map(drop),
            None => Ok(()),
        }
    }

    /// Returns the id of a symbol, or of the callback's own asset.
    fn id(&self, symbol: Option<&str>) -> PyResult<usize> {
        match symbol {
            Some(symbol) => self.ids.get(symbol).copied().ok_or_else(|| self.unknown(symbol)),
            None if self.asset != NOBODY => Ok(self.asset),
            None => Err(refuse("this callback is about no single asset; say which: symbol=\"…\"")),
        }
    }

    fn unknown(&self, symbol: &str) -> PyErr {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let mut known: Vec<&str> = self.ids.keys().map(String::as_str).collect();
        known.sort_unstable();
        let wanted = letters(symbol);
        match known.iter().find(|name| letters(name).starts_with(&wanted) || wanted.starts_with(&letters(name))) {
            Some(near) if !wanted.is_empty() => refuse(format!("the data holds no asset {symbol}; did you mean {near}?")),
            _ => refuse(format!("the data holds no asset {symbol}; it holds {}", known.join(", "))),
        }
    }
}
