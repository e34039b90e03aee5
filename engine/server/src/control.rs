//! The control API, for whoever runs the venue: time, balances, statuses, limits, reset. From this machine alone.
//!
//! Requests carry JSON and say so: a page in a browser cannot send that without asking first, and asking is never answered.

use crate::hall::{Hall, money_of};
use crate::operations::{FASTEST, LONGEST_MS, Names, OPERATIONS, Operation, openapi};
use crate::service::reply;
use bot4_exchange::binance::json::Json;
use bot4_exchange::command::{Command, Status};
use bot4_exchange::faults::Change;
use bot4_exchange::report::Report;
use bot4_io::http::Request;
use bot4_io::net::{Next, Token, Wires};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::net::IpAddr;

/// Why a request of the operator is not done: status and sentence.
type Said = (u16, String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    #[serde(default)]
    advance_ms: Option<i64>,
    #[serde(default)]
    speed: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Balance {
    account: String,
    asset: String,
    amount: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Symbol {
    symbol: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn read<T: DeserializeOwned>(body: &[u8], operation: &Operation) -> Result<T, Said> {
    // serde would read an array as the members of an object, in their order.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err((400, "the body is not a JSON object".to_owned()));
    }
    let unfit = |why: serde_json::Error| (400, format!("the body is not what this call takes: {why}"));
    let typed = serde_json::from_slice(body).map_err(unfit)?;
    operation.check(&serde_json::from_slice(body).map_err(unfit)?).map_err(|why| (400, why))?;
    Ok(typed)
}

impl Hall {
    pub(crate) fn operate(&mut self, from: Token, peer: IpAddr, request: &Request<'_>, wires: &mut Wires) -> Next {
        let mut out = Vec::new();
        let done = self.operated(peer, request, &mut out, wires);
        let status = match done {
            Ok(()) => 200,
            Err((status, sentence)) => {
                out.clear();
                Json::new(&mut out, false).object().key("error").text(&sentence).end();
                status
            }
        };
        reply(wires, from, status, "application/json", b"", &out, request.is_kept)
    }

    fn operated(&mut self, peer: IpAddr, request: &Request<'_>, out: &mut Vec<u8>, wires: &mut Wires) -> Result<(), Said> {
        if !peer.is_loopback() {
            return Err((403, "the control API answers this machine alone".to_owned()));
        }
        let path = request.path.strip_prefix("/control/").unwrap_or("");
        if (request.method, path) == ("GET", "openapi.json") {
            let profile = &self.floor.profile;
            let names = Names {
                accounts: self.accounts.clone(),
                assets: profile.assets.iter().map(|asset| asset.name.clone()).collect(),
                symbols: profile.symbols.iter().map(|symbol| symbol.symbol.clone()).collect(),
            };
            out.extend_from_slice(openapi(&names).to_string().as_bytes());
            return Ok(());
        }
        let Some(operation) = OPERATIONS.iter().find(|operation| operation.name == path) else {
            let known: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
            return Err((404, format!("there is no call `{path}`: {}", known.join(", "))));
        };
        if request.method != operation.method {
            return Err((405, format!("`{path}` takes {}", operation.method)));
        }
        if path == "state" {
            self.write_state(out);
            return Ok(());
        }
        if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            return Err((415, "send JSON, with Content-Type: application/json".to_owned()));
        }
        match path {
            "time" => self.set_time(&read(request.body, operation)?)?,
            "balance" => self.set_balance(&read(request.body, operation)?, wires)?,
            "status" => self.set_status(&read(request.body, operation)?, wires)?,
            "limits" => self.limits.is_on = read::<Limits>(request.body, operation)?.enabled,
            "faults" => self.faults.counts = read(request.body, operation)?,
            "cut" => {
                read::<Nothing>(request.body, operation)?;
                self.sessions.tokens().for_each(|token| wires.cut(token));
            }
            _ => {
                read::<Nothing>(request.body, operation)?;
                self.reset().map_err(|why| (500, why))?;
            }
        }
        self.write_state(out);
        Ok(())
    }

    fn write_state(&mut self, out: &mut Vec<u8>) {
        let (now, speed) = (self.clock.now(), self.clock.speed());
        let mut json = Json::new(out, false);
        json.object().key("time_ms").time(now).key("speed").raw(format!("{}", speed as f64 / 1000.0).as_bytes());
        json.key("limits").bool(self.limits.is_on).key("commands").id(self.floor.commands);
        json.key("restored").id(self.counted.restored).key("state_hash").text(&format!("{:016x}", self.floor.hash()));
        if let Some((symbol, end, is_over)) = self.floor.recording() {
            json.key("recording").object().key("symbol").text(symbol).key("ends_ms").time(end).key("is_over").bool(is_over).end();
        }
        json.key("accounts").object();
        for (at, name) in self.accounts.iter().enumerate() {
            json.key(name).object();
            for (asset, rules) in self.floor.profile.assets.iter().enumerate() {
                let (free, locked) = self.floor.exchange.balance(at as u32 + 1, asset as u16);
                if free != 0 || locked != 0 {
                    json.key(&rules.name).object().key("free").amount(free).key("locked").amount(locked).end();
                }
            }
            json.end();
        }
        json.end().end();
    }

    fn set_time(&mut self, asked: &Time) -> Result<(), Said> {
        if asked.advance_ms.is_some_and(|ms| !(0..=LONGEST_MS).contains(&ms)) {
            return Err((400, format!("`advance_ms` is from 0 to {LONGEST_MS}: the venue's time never goes back")));
        }
        if let Some(speed) = asked.speed {
            if !(0.0..=FASTEST).contains(&speed) {
                return Err((400, format!("`speed` is from 0 to {FASTEST}")));
            }
            self.clock.set_speed((speed * 1000.0) as u64);
        }
        self.clock.advance(asked.advance_ms.unwrap_or(0) * 1000);
        Ok(())
    }

    fn set_balance(&mut self, asked: &Balance, wires: &mut Wires) -> Result<(), Said> {
        let account = self.account(&asked.account).ok_or_else(|| (404, format!("there is no account `{}`", asked.account)))?;
        let asset = self.floor.profile.asset(&asked.asset).ok_or_else(|| (404, format!("there is no asset `{}`", asked.asset)))?;
        let amount = money_of(&asked.amount).ok_or_else(|| (400, format!("`{}` is no amount of at most eight decimals", asked.amount)))?;
        self.operator(&Command::Credit(account, asset, amount), wires)
    }

    fn set_status(&mut self, asked: &Symbol, wires: &mut Wires) -> Result<(), Said> {
        let symbol = self.floor.profile.symbol(&asked.symbol).ok_or_else(|| (404, format!("there is no symbol `{}`", asked.symbol)))?;
        let status = match asked.status.as_str() {
            "TRADING" => Status::Trading,
            "HALT" => Status::Halt,
            "BREAK" => Status::Break,
            other => return Err((400, format!("`{other}` is no status: TRADING, HALT or BREAK"))),
        };
        self.operator(&Command::SetStatus(symbol, status), wires)
    }

    /// Does what the script of faults has due: filters and statuses that change.
    pub(crate) fn change(&mut self, now: i64, wires: &mut Wires) {
        while let Some(change) = self.faults.change(now) {
            // The script was checked when it was read; what names another venue's symbol changes nothing.
            match change {
                Change::Status { symbol, status } => _ = self.set_status(&Symbol { symbol, status }, wires),
                Change::Filters { symbol, filters } => {
                    if let Some(symbol) = self.floor.profile.symbol(&symbol) {
                        let _ = self.floor.exchange.set_filters(symbol, &filters);
                        self.floor.profile = std::sync::Arc::new(self.floor.exchange.profile().clone());
                    }
                }
            }
        }
    }

    fn operator(&mut self, command: &Command, wires: &mut Wires) -> Result<(), Said> {
        let now = self.clock.now();
        self.command(command, now, wires).map_err(|fault| (500, fault.text))?;
        let profile = self.floor.profile.clone();
        match self.floor.reports.iter().find_map(|report| if let Report::Refused(why) = report { Some(*why) } else { None }) {
            Some(why) => Err((409, profile.words(why).to_owned())),
            None => Ok(()),
        }
    }
}
