//! Several programs on one account (docs/design.md, "Sleeves"): the records of all, and what each has of its own.
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::records::{self, Columns, hex};
use crate::{refuse, replay};
use bot4_engine::config::Config;
use bot4_engine::replay::sleeves::{Sleeves, idle_program, split};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// A member as Python gives it: program and share of the cash, billionths.
type Member = (String, i64);

/// Runs several programs on one account, each with its share of the cash.
#[pyfunction]
#[pyo3(signature = (market, members, config_json, slice_rows=0, progress=None, funding=None, funding_default=None, detail=None))]
#[allow(clippy::too_many_arguments)] // called once a run
pub fn run_sleeves<'py>(
    py: Python<'py>,
    market: &PyMarket,
    members: Vec<Member>,
    config_json: &str,
    slice_rows: usize,
    progress: Option<&Bound<'py, PyAny>>,
    funding: replay::Series<'py>,
    funding_default: Option<(i64, i64)>,
    detail: Option<&PyMarket>,
) -> PyResult<Bound<'py, PyDict>> {
    let funding = Funding::new(funding, funding_default)?;
    let config = Config::from_json(config_json).map_err(refuse)?;
    let shares: Vec<i64> = members.iter().map(|(_, share)| *share).collect();
    let idle = idle_program(market.market().interval_ms);
    let mut replays = Vec::with_capacity(members.len() + 1);
    for (number, own) in split(&config, &shares).map_err(refuse)?.iter().enumerate() {
        // Cash that no member has lies idle in a book of its own.
        let program = members.get(number).map_or(&idle, |(program, _)| program);
        let replay = funding.attach(market, replay::prepare_with(market.market(), program, own, &[], slice_rows)?)?;
        replays.push(replay::with_detail(market, detail, replay)?);
    }
    let mut sleeves = Sleeves::new(replays);
    drive(py, market, &mut sleeves, progress)?;
    take(py, sleeves, members.len())
}

/// Runs to the end, a stretch at a time without the interpreter.
fn drive(py: Python<'_>, market: &PyMarket, sleeves: &mut Sleeves<'static>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let width = market.market().listings.len() * sleeves.members().len();
    let stretch = (replay::ROWS_BETWEEN_SIGNALS / width).max(1);
    let mut taken = 0;
    loop {
        let steps = py.detach(|| {
            let mut steps = 0;
            while steps < stretch {
                match sleeves.advance(usize::MAX)? {
                    0 => break,
                    some => steps += some,
                }
            }
            Ok(steps)
        });
        let steps = steps.map_err(|halt| replay::sentence(market.market(), halt))?;
        py.check_signals()?;
        taken += steps;
        if let Some(progress) = progress {
            progress.call1((taken,))?;
        }
        if steps < stretch {
            return Ok(());
        }
    }
}

/// Hands out the records: tables as of `run` with a column `sleeve`, and for each member equity, counters, keys and state.
fn take<'py>(py: Python<'py>, mut sleeves: Sleeves<'static>, named: usize) -> PyResult<Bound<'py, PyDict>> {
    sleeves.close();
    let mut columns = Columns::default();
    columns.take(&mut sleeves.records, 1.0);
    let to = columns.into_tables(py)?;
    let owners = std::mem::take(&mut sleeves.owners);
    let fills = table(&to, "fills")?;
    fills.set_item("own_position", PyArray1::from_vec(py, owners.positions))?;
    fills.set_item("own_flow", PyArray1::from_vec(py, owners.flows))?;
    let each = [("orders", owners.orders), ("fills", owners.fills), ("trades", owners.trades)];
    for (name, owner) in each.into_iter().chain([("funding", owners.funding), ("guard", owners.guard)]) {
        table(&to, name)?.set_item("sleeve", PyArray1::from_vec(py, owner))?;
    }
    to.set_item("state_hash", hex(&sleeves.hash()))?;
    let crosses = sleeves.own_crosses.clone();
    let each = PyList::empty(py);
    let mut keys = Vec::new();
    let mut total: Vec<i64> = Vec::new();
    for (number, member) in sleeves.members_mut().iter_mut().enumerate() {
        let own = PyDict::new(py);
        let (times, equity) = (std::mem::take(&mut member.equity_ts), std::mem::take(&mut member.equity));
        total.resize(equity.len(), 0);
        total.iter_mut().zip(&equity).for_each(|(sum, own)| *sum += own);
        own.set_item("is_idle", number >= named)?;
        own.set_item("counters", records::counters(py, member)?)?;
        own.set_item("first_key", keys.len())?;
        own.set_item("keys", member.desk().lanes().keys.clone())?;
        own.set_item("own_crosses", crosses[number])?;
        own.set_item("state_hash", hex(&member.hash()))?;
        own.set_item("equity", PyArray1::from_vec(py, equity))?;
        keys.extend_from_slice(&member.desk().lanes().keys);
        each.append(own)?;
        to.set_item("equity_ts", PyArray1::from_vec(py, times))?;
    }
    to.set_item("keys", keys)?;
    to.set_item("equity", PyArray1::from_vec(py, total))?;
    to.set_item("sleeves", each)?;
    Ok(to)
}

fn table<'py>(records: &Bound<'py, PyDict>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    records.get_item(name)?.ok_or_else(|| refuse(format!("the records have no {name}")))
}
