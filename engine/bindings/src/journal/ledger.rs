//! The books of a journal: fills and money moved, booked again by average and by FIFO, and held against the equity that the run itself recorded.

use super::{open, refuse_journal};
use crate::refuse;
use bot4_engine::config::Config;
use bot4_engine::desk::books::{BookKey, Books, Holding};
use bot4_engine::desk::stream::{Cash, CashKind};
use bot4_engine::instrument::{Contract, Listing};
use bot4_engine::journal::{CONTENTS, TapeRow, control};
use bot4_engine::money::Overflow;
use bot4_io::journal::Records;
use bot4_io::journal::format::Kind;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::path::{Path, PathBuf};

/// The first record, as far as books need it.
#[derive(serde::Deserialize)]
struct Setup {
    instruments: Vec<Listing>,
    config: String,
    #[serde(default)]
    contents: u32,
    about: About,
}

#[derive(serde::Deserialize)]
struct About {
    identity: String,
}

/// Reads a payload field by field.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> PyResult<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| refuse("a record of the journal is shorter than its fields"))?;
        self.0 = rest;
        Ok(*head)
    }
    fn u8(&mut self) -> PyResult<u8> {
        Ok(self.take::<1>()?[0])
    }
    fn u32(&mut self) -> PyResult<u32> {
        Ok(u32::from_le_bytes(self.take()?))
    }
    fn i64(&mut self) -> PyResult<i64> {
        Ok(i64::from_le_bytes(self.take()?))
    }
}

/// Books a run again from its control journal, marks what is held at the tape's last closes, and returns instruments and wallets with both costs
/// beside each other: {"strategy", "instruments": [...], "wallets": [...], "equity", "recorded_equity", "balanced"}.
#[pyfunction]
pub fn journal_ledger<'py>(py: Python<'py>, folder: PathBuf) -> PyResult<Bound<'py, PyDict>> {
    let (setup, config, books, recorded) = py.detach(|| kept(&folder))?;
    let to = PyDict::new(py);
    let instruments = PyList::empty(py);
    for (holding, listing) in books.holdings.iter().zip(&setup.instruments) {
        instruments.append(described(py, holding, listing, &config)?)?;
    }
    let wallets = PyList::empty(py);
    for (number, purse) in books.purses.iter().enumerate() {
        let wallet = PyDict::new(py);
        wallet.set_item("currency", currency(&config, &setup.instruments, number))?;
        wallet.set_item("start", purse.start)?;
        wallet.set_item("interest", purse.interest)?;
        wallet.set_item("transfers", purse.transfers)?;
        wallet.set_item("equity", books.equity(number).map_err(|Overflow| too_large())?)?;
        wallets.append(wallet)?;
    }
    to.set_item("strategy", &setup.about.identity)?;
    to.set_item("instruments", instruments)?;
    to.set_item("wallets", wallets)?;
    to.set_item("recorded_equity", recorded)?;
    to.set_item("balanced", books.is_balanced())?;
    Ok(to)
}

fn described<'py>(py: Python<'py>, holding: &Holding, listing: &Listing, config: &Config) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    to.set_item("symbol", &listing.symbol)?;
    to.set_item("venue", &listing.venue)?;
    to.set_item("currency", config.wallets.get(holding.wallet).map_or_else(|| listing.settlement(), |wallet| &wallet.currency))?;
    to.set_item("lots", holding.lots)?;
    to.set_item("fills", holding.fills)?;
    to.set_item("turnover", holding.turnover)?;
    to.set_item("fees", holding.fees)?;
    to.set_item("carried", holding.carried)?;
    to.set_item("value", holding.value)?;
    for (name, cost, realised, unrealised) in [
        ("average", holding.average.cost, holding.average.realised, holding.unrealised()),
        ("fifo", holding.fifo.cost, holding.fifo.realised, holding.unrealised_fifo()),
    ] {
        let sums = PyDict::new(py);
        sums.set_item("cost", cost)?;
        sums.set_item("realised", realised)?;
        sums.set_item("unrealised", unrealised)?;
        to.set_item(name, sums)?;
    }
    Ok(to)
}

fn currency<'a>(config: &'a Config, listings: &'a [Listing], wallet: usize) -> &'a str {
    config.wallets.get(wallet).map_or_else(|| listings.first().map_or("", Listing::settlement), |wallet| &wallet.currency)
}

fn too_large() -> PyErr {
    refuse("an amount of the journal does not fit into 64 bits; report this")
}

/// Returns setup, configuration, the books at the end of the journal, and the equity that it recorded last.
fn kept(folder: &Path) -> PyResult<(Setup, Config, Books, Option<i64>)> {
    let disk = open(folder)?;
    let wrong = |e| refuse_journal(folder, e);
    let mut records = Records::open(&disk, Kind::Control).map_err(wrong)?;
    let mut begun: Option<(Setup, Config, Books)> = None;
    let mut recorded = None;
    while let Some(block) = records.next_block().map_err(wrong)? {
        for record in block {
            let mut fields = Fields(record.payload);
            match (record.head.kind, &mut begun) {
                (control::BEGIN, None) => begun = Some(begin(folder, record.payload)?),
                (control::FILL, Some((_, _, books))) => fill(&mut fields, books)?,
                (control::CASH, Some((_, _, books))) => cash(&mut fields, books)?,
                (control::CHECK | control::END, Some(_)) => {
                    fields.take::<16>()?;
                    recorded = Some(fields.i64()?);
                }
                _ => {}
            }
        }
    }
    let Some((setup, config, mut books)) = begun else {
        return Err(refuse(format!("{}: the journal does not begin with a run's setup", folder.display())));
    };
    mark(folder, &setup, &mut books)?;
    Ok((setup, config, books, recorded))
}

fn begin(folder: &Path, payload: &[u8]) -> PyResult<(Setup, Config, Books)> {
    let name = folder.display();
    let setup: Setup = serde_json::from_slice(payload).map_err(|e| refuse(format!("{name}: the first record cannot be read ({e})")))?;
    if setup.contents < CONTENTS {
        return Err(refuse(format!("{name} was written before journals told what money moved; make the run again with --journal")));
    }
    let config = Config::from_json(&setup.config).map_err(refuse)?;
    let mut contracts = Vec::with_capacity(setup.instruments.len());
    for (listing, terms) in setup.instruments.iter().zip(&config.instruments) {
        let contract = Contract { kind: listing.kind, scale: listing.scale().map_err(refuse)?, terms: terms.terms, leverage_e9: 0 };
        contracts.push((contract, if config.wallets.is_empty() { 0 } else { terms.wallet }));
    }
    let starts: Vec<i64> = if config.wallets.is_empty() { vec![config.cash] } else { config.wallets.iter().map(|w| w.cash).collect() };
    let strategy = u32::from_str_radix(setup.about.identity.get(..8).unwrap_or("0"), 16).unwrap_or(0);
    let books = Books::new(BookKey { strategy, account: 0, venue: 0 }, &contracts, &starts);
    Ok((setup, config, books))
}

fn fill(fields: &mut Fields<'_>, books: &mut Books) -> PyResult<()> {
    let (_, asset) = (fields.u32()?, fields.u32()?);
    fields.take::<16>()?;
    let (lots, ticks, _, fee) = (fields.i64()?, fields.i64()?, fields.i64()?, fields.i64()?);
    books.fill(asset as usize, lots, ticks, fee).map_err(|Overflow| too_large())
}

fn cash(fields: &mut Fields<'_>, books: &mut Books) -> PyResult<()> {
    let (ts, asset, wallet, code, amount) = (fields.i64()?, fields.u32()?, fields.u32()?, fields.u8()?, fields.i64()?);
    let kind = CashKind::from_code(code).ok_or_else(|| refuse(format!("the journal moves money for the unknown reason {code}")))?;
    books.cash(&Cash { ts, asset, wallet, kind, amount }).map_err(|Overflow| too_large())
}

/// Marks every instrument at its last close on the tape.
fn mark(folder: &Path, setup: &Setup, books: &mut Books) -> PyResult<()> {
    let disk = open(folder)?;
    let wrong = |e| refuse_journal(folder, e);
    let mut records = Records::open(&disk, Kind::Tape).map_err(wrong)?;
    let mut closes = vec![None; setup.instruments.len()];
    while let Some(block) = records.next_block().map_err(wrong)? {
        for record in block {
            for row in TapeRow::decode(record.head.kind, record.payload).map_err(refuse)? {
                if let TapeRow::Bar(asset, _, [_, _, _, close, _], false) = row {
                    closes[asset as usize] = Some(close);
                }
            }
        }
    }
    for (asset, close) in closes.into_iter().enumerate() {
        let Some(close) = close.filter(|_| books.holdings[asset].lots != 0) else { continue };
        let scale = setup.instruments[asset].scale().map_err(refuse)?;
        let ticks = scale.ticks(close).ok_or_else(too_large)?;
        books.mark(asset, ticks).map_err(|Overflow| too_large())?;
    }
    Ok(())
}
