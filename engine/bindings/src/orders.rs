//! Orders followed from outside: streams of acts and reports through the engine's table, the table itself, and client order ids.

use crate::refuse;
use bot4_engine::desk::execution::fence::Fence;
use bot4_engine::desk::execution::id::ClientId;
use bot4_engine::desk::execution::live::{Intent, Terms};
use bot4_engine::desk::execution::report::{Outcome, Refused, Report};
use bot4_engine::desk::execution::states::{EFFECTS, Effect, Event, State};
use bot4_engine::desk::execution::table::TABLE;
use bot4_engine::desk::execution::{Orders, Room};
use bot4_engine::desk::stream::CashKind;
use bot4_engine::memory::pool::Handle;
use bot4_engine::memory::snapshot::{Reader, Writer};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Columns of a row: stream, what, intent, request, trade, lots, ticks, filled, ts.
const FIELDS: usize = 9;
/// Columns of an outcome: effect, from, to, booked, missing, request, position, lots in flight to buy and to sell.
const ANSWERS: usize = 9;
/// What a row can be beside an event: opens an intent, asks a question, forgets what ended, restarts from its own snapshot, loses the connection.
const OPEN: i64 = 20;
const QUESTION: i64 = 21;
const FORGET: i64 = 22;
const RESTART: i64 = 23;
const DISCONNECT: i64 = 24;
/// Effects of `OPEN` beside those of the table.
const KNOWN: i64 = EFFECTS as i64;
const STALE: i64 = KNOWN + 1;
const NO_ROOM: i64 = KNOWN + 2;
/// Effect of a sending that the fence holds back.
const FENCED: i64 = KNOWN + 3;

/// One stream on its way.
struct Following {
    orders: Orders,
    room: Room,
    epoch: u32,
}

impl Following {
    fn new(room: Room) -> Self {
        Self { orders: Orders::new(room, 1, 1, 0), room, epoch: 1 }
    }

    /// Takes one row; returns effect, from, to, booked, missing, request.
    fn row(&mut self, row: [i64; FIELDS]) -> Result<[i64; 6], String> {
        let [_, what, number, request, trade, lots, ticks, filled, ts] = row;
        match what {
            OPEN => return Ok(self.open(Intent { number: number as u64, asset: 0, side: lots.signum(), lots: lots.abs(), ticks })),
            FORGET => return Ok([0, 0, 0, 0, self.orders.forget(ts) as i64, 0]),
            RESTART => return self.restart(ts),
            DISCONNECT => {
                let mut lost = 0;
                self.orders.disconnect(ts, |_| lost += 1);
                return Ok([0, 0, 0, 0, lost, 0]);
            }
            _ => {}
        }
        let (order, id) = self.named(number as u64);
        if what == QUESTION {
            return Ok([0, 0, 0, 0, 0, order.map_or(0, |order| i64::from(self.orders.question(order, ts)))]);
        }
        let event = u8::try_from(what).ok().and_then(Event::from_code).ok_or_else(|| format!("there is no event {what}"))?;
        let fence = Fence::forever(self.epoch);
        let outcome = match (event, order) {
            (Event::Send | Event::Cancel | Event::Replace, None) => return Ok([Effect::Foreign as i64, 10, 10, 0, 0, 0]),
            (Event::Send, Some(order)) => match self.orders.send(order, &fence, ts) {
                Ok(outcome) => outcome,
                Err(_) => return Ok([FENCED, 0, 0, 0, 0, 0]),
            },
            (Event::Cancel, Some(order)) => self.orders.cancel(order, ts),
            (Event::Replace, Some(order)) => {
                self.orders.replace(order, Terms { lots, ticks }, &fence, ts).map_err(|_| "the fence is of this epoch")?
            }
            _ => self.orders.report(&Report { id, event, request: request as u32, trade: trade as u64, lots, ticks, filled, ts }),
        };
        Ok(listed(&outcome))
    }

    fn open(&mut self, intent: Intent) -> [i64; 6] {
        let code = match self.orders.open(intent) {
            Ok(_) => Effect::Note as i64,
            Err(Refused::Known(_)) => KNOWN,
            Err(Refused::Stale | Refused::Number) => STALE,
            Err(Refused::Full) => NO_ROOM,
        };
        [code, 0, 0, 0, 0, 0]
    }

    /// Returns the order of an intent, of whichever epoch, and its id.
    fn named(&self, number: u64) -> (Option<Handle>, ClientId) {
        let ids = (1..=self.epoch).map(|epoch| ClientId::new(epoch, 0, number));
        let found = ids.filter_map(|id| self.orders.find(id).map(|order| (Some(order), id))).next();
        found.unwrap_or((None, ClientId::new(self.epoch, 0, number)))
    }

    /// Saves, loads into fresh orders and takes over in the next epoch.
    fn restart(&mut self, ts: i64) -> Result<[i64; 6], String> {
        let mut to = Writer::default();
        self.orders.save(&mut to);
        let bytes = to.finish();
        let mut from = Reader::new(&bytes);
        let mut fresh = Orders::new(self.room, 1, 1, 0);
        fresh.load(&mut from).and_then(|()| from.finish()).map_err(|error| error.to_string())?;
        if fresh.hash() != self.orders.hash() {
            return Err("a snapshot that was read back differs".to_string());
        }
        self.orders = fresh;
        self.epoch += 1;
        let mut lost = 0;
        self.orders.recover(self.epoch, ts, |_| lost += 1);
        Ok([0, 0, 0, 0, lost, 0])
    }
}

fn listed(outcome: &Outcome) -> [i64; 6] {
    let Outcome { effect, from, to, booked, missing, request, .. } = *outcome;
    [effect as i64, from as i64, to as i64, booked, missing, i64::from(request)]
}

/// Takes streams of acts and reports, one row each; a new number of stream begins anew. Returns for each row effect, from, to, booked, missing, request,
/// and position and lots in flight (to buy, to sell) after it.
#[pyfunction]
#[pyo3(signature = (rows, orders=64, trades=512, retention_ms=1_000, window_ms=100))]
pub fn follow_orders<'py>(
    py: Python<'py>,
    rows: PyReadonlyArray2<'py, i64>,
    orders: usize,
    trades: usize,
    retention_ms: i64,
    window_ms: i64,
) -> PyResult<Bound<'py, PyArray2<i64>>> {
    let rows = rows.as_array();
    if rows.ncols() != FIELDS {
        return Err(refuse(format!("a row of a stream has {FIELDS} numbers, not {}", rows.ncols())));
    }
    let room = Room { orders, trades, retention_ms, window_ms };
    let mut answers = Array2::zeros((rows.nrows(), ANSWERS));
    py.detach(|| {
        let (mut following, mut stream) = (Following::new(room), None);
        for (row, mut answer) in rows.rows().into_iter().zip(answers.rows_mut()) {
            let row: [i64; FIELDS] = std::array::from_fn(|at| row[at]);
            if stream.replace(row[0]) != Some(row[0]) {
                following = Following::new(room);
            }
            let outcome = following.row(row).map_err(refuse)?;
            let [buys, sells] = following.orders.in_flight(0);
            let whole = outcome.into_iter().chain([following.orders.position(0), buys, sells]);
            answer.iter_mut().zip(whole).for_each(|(to, x)| *to = x);
        }
        Ok::<_, PyErr>(())
    })?;
    Ok(answers.into_pyarray(py))
}

/// Returns the order's life: {"states", "events", "effects", "cash": names by code, "table": [(event, state, next, effect)]}.
#[pyfunction]
pub fn order_table(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let names = |table: &[(u8, &'static str)]| table.iter().map(|row| row.1).collect::<Vec<_>>();
    let (states, events, effects) = (names(State::TABLE), names(Event::TABLE), names(Effect::TABLE));
    let mut cells = Vec::new();
    for (event, row) in TABLE.iter().enumerate() {
        for (state, cell) in row.iter().enumerate() {
            cells.push((events[event], states[state], cell.next.word(), effects[cell.effect as usize]));
        }
    }
    let to = PyDict::new(py);
    to.set_item("states", states)?;
    to.set_item("events", events)?;
    to.set_item("effects", effects)?;
    to.set_item("cash", names(CashKind::TABLE))?;
    to.set_item("table", cells)?;
    Ok(to)
}

/// Returns the client order id of an intent.
#[pyfunction]
pub fn client_order_id(epoch: u32, strategy: u32, intent: u64) -> PyResult<String> {
    if intent > bot4_engine::desk::execution::id::MOST_INTENTS {
        return Err(refuse(format!("the number {intent} of an intent does not fit into an id")));
    }
    Ok(ClientId::new(epoch, strategy, intent).text().iter().map(|&byte| char::from(byte)).collect())
}

/// Reads a client order id: (epoch, first 32 bits of the strategy's identity, number of the intent); None where it is none of ours.
#[pyfunction]
pub fn read_client_order_id(text: &str) -> Option<(u32, u32, u64)> {
    ClientId::parse(text.as_bytes()).map(|id| (id.epoch(), id.strategy(), id.intent()))
}
