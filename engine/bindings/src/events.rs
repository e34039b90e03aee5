//! The event host for Python: rows come, orders go; numbers cross, and two arrays are shared (docs/design.md, "Event strategies").
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::{records, refuse, replay};
use bot4_engine::desk::reason::{OrderKind, Tif};
use bot4_engine::desk::size::SizeUnit;
use bot4_engine::desk::want::Expiry;
use bot4_engine::replay::events::{Draft, Events, NUMBERS, Refusal};
use numpy::{PyArray1, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Floats of the account at the head of the view, then those of each position.
const ACCOUNT_FIELDS: usize = 4;
const POSITION_FIELDS: usize = 11;
/// Rows between two looks at Ctrl-C.
const ROWS_BETWEEN_SIGNALS: u32 = 4_096;

type Fill = (u32, i64, i64, i64, f64, f64, f64, bool, u8);

/// A run that Python decides.
#[pyclass(name = "Events", module = "bot4._engine")]
pub struct PyEvents {
    // Declared before `market`: dropped first.
    events: Events<'static>,
    market: Py<PyMarket>,
    _funding: Funding,
    view: Py<PyArray1<f64>>,
    present: Py<PyArray1<i64>>,
    rows: u32,
}

#[pymethods]
impl PyEvents {
    /// `view` takes equity, cash, gross, drawdown and 11 fields of each position; `present` (asset, row) of each asset that decides.
    #[new]
    #[allow(clippy::too_many_arguments)] // called once a run
    #[pyo3(signature = (market, config_json, settled, lanes, view, present, funding=None, funding_default=None))]
    fn new(
        py: Python<'_>,
        market: Py<PyMarket>,
        config_json: &str,
        settled: Vec<u64>,
        lanes: usize,
        view: Bound<'_, PyArray1<f64>>,
        present: Bound<'_, PyArray1<i64>>,
        funding: replay::Series<'_>,
        funding_default: Option<(i64, i64)>,
    ) -> PyResult<Self> {
        let inner = market.bind(py).get().market();
        let assets = inner.listings.len();
        if view.len() != ACCOUNT_FIELDS + POSITION_FIELDS * assets
            || present.len() != 2 * assets
            || !view.is_contiguous()
            || !present.is_contiguous()
        {
            return Err(refuse(format!("the shared arrays must be contiguous and hold {assets} assets")));
        }
        let funding = Funding::new(funding, funding_default)?;
        let program = Events::silent_program(inner.interval_ms);
        let run = funding.attach(market.bind(py).get(), replay::prepare(inner, &program, config_json, &[], 0)?)?;
        let events = Events::new(run, inner, settled, lanes).map_err(refuse)?;
        Ok(Self { events, market, _funding: funding, view: view.unbind(), present: present.unbind(), rows: 0 })
    }

    /// Goes to the next row with a fill or an asset that decides; returns how many decide, or −1 at the end.
    fn advance(&mut self, py: Python<'_>) -> PyResult<i64> {
        self.rows += 1;
        if self.rows % ROWS_BETWEEN_SIGNALS == 0 {
            py.check_signals()?;
        }
        let more = self.events.advance().map_err(|halt| replay::sentence(self.market.bind(py).get().market(), halt))?;
        if !more {
            return Ok(-1);
        }
        // SAFETY: both arrays are contiguous (checked above) and Python, which reads them, does not run while this call does.
        let (view, present) = unsafe { (self.view.bind(py).as_slice_mut()?, self.present.bind(py).as_slice_mut()?) };
        let account = self.events.account().map_err(|halt| replay::sentence(self.market.bind(py).get().market(), halt))?;
        view[..ACCOUNT_FIELDS].copy_from_slice(&[account.equity, account.cash, account.gross, account.drawdown]);
        for (at, who) in self.events.present().iter().enumerate() {
            (present[2 * at], present[2 * at + 1]) = (who.asset as i64, who.row as i64);
            let p = self.events.position(who.asset);
            let fields = [p.qty, p.weight, p.avg_price, p.first_fill, p.last_fill, p.units, p.bars_held, p.pnl, p.mae, p.mfe, p.pending];
            view[ACCOUNT_FIELDS + POSITION_FIELDS * who.asset..][..POSITION_FIELDS].copy_from_slice(&fields);
        }
        Ok(self.events.present().len() as i64)
    }

    /// Decision time of the row, ms.
    #[getter]
    fn now(&self) -> i64 {
        self.events.time()
    }

    /// Number of the row's fills.
    #[getter]
    fn fill_count(&self) -> usize {
        self.events.fills().len()
    }

    /// The row's fills: (asset, key or −1, order, bar's open time, signed quantity, price, fee, maker, reason).
    fn fills(&self) -> Vec<Fill> {
        let told = self.events.fills().iter().map(|fill| {
            let asset = fill.asset as usize;
            let key = self.events.key_of(fill.order).map_or(-1, i64::from);
            let (quantity, price) = (self.events.quantity(asset, fill.lots), self.events.price(asset, fill.ticks));
            (fill.asset, key, i64::from(fill.order), fill.ts, quantity, price, fill.fee as f64 / 1e8, fill.maker, fill.reason as u8)
        });
        told.collect()
    }

    /// Returns the number of a key.
    fn key(&mut self, text: &str) -> u32 {
        self.events.key(text)
    }

    /// Asks for an order; returns whether it works now. Codes as in the records; `expires` is (bars, ms), −1 = none.
    #[allow(clippy::too_many_arguments)] // one flat call: a structure would cost more than the order
    #[pyo3(signature = (asset, key, side, kind, tif, unit, post_only, reduce_only, oco, bars, ms, numbers, /))]
    fn order(
        &mut self,
        py: Python<'_>,
        asset: usize,
        key: u32,
        side: i64,
        kind: u8,
        tif: u8,
        unit: u8,
        post_only: bool,
        reduce_only: bool,
        oco: u32,
        bars: i64,
        ms: i64,
        numbers: [f64; NUMBERS],
    ) -> PyResult<bool> {
        let expiry = if bars >= 0 {
            Expiry::Bars(bars as u64)
        } else if ms >= 0 {
            Expiry::Ms(ms)
        } else {
            Expiry::Never
        };
        let codes = (OrderKind::from_code(kind), Tif::from_code(tif), SizeUnit::from_code(unit));
        let (Some(kind), Some(tif), Some(unit)) = codes else { return Err(refuse("a code of the order is unknown")) };
        let draft = Draft { side, kind, tif, expiry, unit, post_only, reduce_only, oco, numbers };
        self.events.order(asset, key, &draft).map_err(|refusal| {
            let market = self.market.bind(py).get().market();
            let symbol = market.listings.get(asset).map_or("the asset", |listing| listing.symbol.as_str());
            match refusal {
                Refusal::Absent => refuse(format!("{symbol} has no bar now, so nothing can be asked for it; ask at its own on_bar")),
                Refusal::NoLane => refuse(format!("{symbol} has no room for another order; cancel one, or raise `lanes` of the class")),
                Refusal::Halt(halt) => replay::sentence(market, halt),
            }
        })
    }

    /// Cancels the order of a key, or of all (−1).
    fn cancel(&mut self, asset: usize, key: i64) {
        self.events.cancel(asset, u32::try_from(key).ok());
    }

    /// Working orders of an asset: (key, kind, signed quantity left, price or NaN, trigger or NaN), by number.
    fn working(&self, asset: usize) -> Vec<(u32, u8, f64, f64, f64)> {
        let price = |ticks: i64| if ticks > 0 { self.events.price(asset, ticks) } else { f64::NAN };
        let mut found: Vec<_> = self.events.working(asset).collect();
        found.sort_by_key(|(order, _)| order.id);
        found
            .into_iter()
            .map(|(order, keyed)| {
                (
                    keyed.key,
                    keyed.kind as u8,
                    self.events.quantity(asset, order.signed_left()),
                    price(keyed.price_ticks),
                    price(keyed.trigger_ticks),
                )
            })
            .collect()
    }

    /// Takes the records, as `run` returns them.
    fn results<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        records::take(py, self.events.replay(), records::Columns::default())
    }
}
