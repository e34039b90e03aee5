//! Messages on WebSockets: subscriptions of market streams, and the WebSocket API (Binance Spot, "WebSocket streams", "WebSocket API").

use crate::calls::Ask;
use crate::faults::Fate;
use crate::hall::Hall;
use crate::keys::{check_signature, check_time};
use crate::service::fault_json;
use bot4_exchange::Account;
use bot4_exchange::binance::call::{Need, Row};
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::params::Params;
use bot4_io::net::{Next, Token, Wires};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A message of a client.
#[derive(Deserialize)]
struct Call<'t> {
    #[serde(borrow, default)]
    id: Option<&'t RawValue>,
    #[serde(borrow)]
    method: Cow<'t, str>,
    #[serde(borrow, default)]
    params: Option<&'t RawValue>,
}

/// Tells whether an id is a number, a text of at most 36 letters, or null.
fn is_id(id: Option<&RawValue>) -> bool {
    id.is_none_or(|id| {
        let text = id.get();
        text == "null" || text.parse::<i64>().is_ok() || (text.starts_with('"') && text.len() <= 2 + 36)
    })
}

impl Hall {
    /// Answers a message on a connection of market streams.
    pub(crate) fn subscription(&mut self, from: Token, text: &str, wires: &mut Wires) {
        let mut out = std::mem::take(&mut self.answer);
        out.clear();
        let mut json = Json::new(&mut out, false);
        match serde_json::from_str::<Call<'_>>(text).ok().filter(|call| is_id(call.id)) {
            None => {
                json.object().key("error").object().key("code").number(2).key("msg").text("Invalid request: malformed message").end();
                json.key("id").raw(b"null").end();
            }
            Some(call) => {
                let id = call.id.map_or(&b"null"[..], |id| id.get().as_bytes());
                json.object();
                if let Err(said) = self.subscribe_all(from, &call, &mut json) {
                    json.key("error").object().key("code").number(2).key("msg").text(said).end();
                }
                json.key("id").raw(id).end();
            }
        }
        wires.text(from, &out);
        self.answer = out;
    }

    fn subscribe_all(&mut self, from: Token, call: &Call<'_>, json: &mut Json<'_>) -> Result<(), &'static str> {
        let names = |params: Option<&RawValue>| -> Result<Vec<String>, &'static str> {
            let raw = params.ok_or("Invalid request: missing field `params`")?;
            serde_json::from_str(raw.get()).map_err(|_| "Invalid request: params must be an array of strings")
        };
        match call.method.as_ref() {
            "SUBSCRIBE" => {
                for name in names(call.params)? {
                    if !self.subscribe(from, &name) {
                        return Err("Invalid request: too many streams, at most 1024 a connection");
                    }
                }
                json.key("result").raw(b"null");
            }
            "UNSUBSCRIBE" => {
                for name in names(call.params)? {
                    self.sessions.unsubscribe(from, &name);
                }
                json.key("result").raw(b"null");
            }
            "LIST_SUBSCRIPTIONS" => {
                json.key("result").array();
                if let Some(session) = self.sessions.get(from) {
                    session.streams.iter().for_each(|(name, _)| _ = json.text(name));
                }
                json.close();
            }
            "SET_PROPERTY" => {
                let raw = call.params.ok_or("Invalid request: missing field `params`")?;
                let Ok((name, is_wrapped)) = serde_json::from_str::<(String, bool)>(raw.get()) else {
                    return Err("Invalid request: params must be a property and a boolean");
                };
                if name != "combined" {
                    return Err("Invalid request: unknown property");
                }
                self.sessions.wrap(from, is_wrapped);
                json.key("result").raw(b"null");
            }
            "GET_PROPERTY" => {
                let is_wrapped = self.sessions.get(from).is_some_and(|session| session.speaks == crate::sessions::Speaks::Streams(true));
                json.key("result").bool(is_wrapped);
            }
            _ => return Err("Invalid request: unknown method"),
        }
        Ok(())
    }

    /// Answers a message of the WebSocket API.
    pub(crate) fn api(&mut self, from: Token, text: &str, wires: &mut Wires) -> Next {
        let now = self.clock.now();
        let mut body = std::mem::take(&mut self.answer);
        body.clear();
        let call = serde_json::from_str::<Call<'_>>(text).ok().filter(|call| is_id(call.id));
        let mut fate = call.as_ref().map_or(Fate::Sent, |call| self.faults.request(now, "", &call.method));
        let (answered, mut with_limits, orderer) = match &call {
            Some(_) if fate.before().is_err() || fate == Fate::NeverCame => (fate.before(), true, None),
            Some(call) => self.api_call(from, call, now, &mut body, wires),
            None => (Err(Fault::new(-1135, "Invalid JSON Request.")), true, None),
        };
        if fate == Fate::Sent && answered.is_ok() {
            fate = self.faults.after(orderer.is_some());
        }
        let answered = match fate {
            Fate::Lost | Fate::NeverCame => {
                self.answer = body;
                return Next::Cut;
            }
            Fate::Unknown(status, _) => Err(crate::faults::unknown(status)),
            _ => answered,
        };
        let mut out = std::mem::take(&mut self.frame);
        out.clear();
        let mut json = Json::new(&mut out, false);
        json.object().key("id").raw(call.as_ref().and_then(|call| call.id).map_or(&b"null"[..], |id| id.get().as_bytes()));
        match &answered {
            Ok(()) => {
                json.key("status").number(200).key("result").raw(&body);
            }
            Err(fault) => {
                self.counted.limited += u64::from(matches!(fault.status, 418 | 429));
                json.key("status").number(i64::from(fault.status)).key("error");
                fault_json(&mut json, fault, now.div_euclid(1000));
            }
        }
        let session = self.sessions.get(from);
        with_limits &= session.as_ref().is_none_or(|session| session.with_limits);
        if let Some(session) = session.filter(|_| with_limits) {
            let peer = session.peer;
            json.key("rateLimits").array();
            self.limits.api(peer, orderer, now, &mut json);
            json.close();
        }
        json.end();
        if let Fate::Late(by) = fate {
            let mut late = Vec::new();
            bot4_io::websocket::write(&mut late, bot4_io::websocket::Kind::Text, &out);
            self.faults.later(now + by, from, late);
        } else {
            wires.text(from, &out);
        }
        (self.answer, self.frame) = (body, out);
        Next::Keep
    }

    /// Does a call; tells also whether its answer is to carry the limits, and whose orders were counted.
    fn api_call(
        &mut self,
        from: Token,
        call: &Call<'_>,
        now: i64,
        body: &mut Vec<u8>,
        wires: &mut Wires,
    ) -> (Result<(), Fault>, bool, Option<Account>) {
        let params = match Params::json(call.params) {
            Ok(params) => params,
            Err(fault) => return (Err(fault), true, None),
        };
        let with_limits = params.flag("returnRateLimits").ok().flatten() != Some(false);
        let Some(peer) = self.sessions.get(from).map(|session| session.peer) else { return (Err(Fault::unsupported()), with_limits, None) };
        let mut orderer = None;
        let row = Row::of_word(&call.method);
        let done = self.limits.charge(peer, row.map_or(2, |row| row.weight(&params)), now).and_then(|()| match row {
            Some(row) => self.api_row(from, row, &params, now, body, wires).map(|account| orderer = account),
            None => self.api_session(from, &call.method, &params, now, body),
        });
        (done, with_limits, orderer)
    }

    /// Does a call of the table; returns whose orders it counted as, where it placed any.
    fn api_row(
        &mut self,
        from: Token,
        row: &'static Row,
        params: &Params<'_>,
        now: i64,
        body: &mut Vec<u8>,
        wires: &mut Wires,
    ) -> Result<Option<Account>, Fault> {
        let account = if row.need == Need::Nothing { 0 } else { self.api_account(from, params, now)? };
        self.faults.before(row.orders > 0)?;
        if row.orders > 0 {
            self.limits.place(account, row.orders, now)?;
        }
        self.perform(&Ask { row, params, account, now, is_micros: false }, body, wires)?;
        Ok((row.orders > 0).then_some(account))
    }

    /// Returns who asks: by the key in the request, else by the session's.
    fn api_account(&mut self, from: Token, params: &Params<'_>, now: i64) -> Result<Account, Fault> {
        if !params.has("apiKey")
            && let Some((_, account, _)) = self.sessions.get(from).and_then(|session| session.logon.as_ref())
        {
            let account = *account;
            check_time(params, self.faults.clock(now))?;
            return Ok(account);
        }
        self.signed(params, now)
    }

    fn signed(&self, params: &Params<'_>, now: i64) -> Result<Account, Fault> {
        let key = self.keys.find(params.text("apiKey")?)?;
        check_time(params, self.faults.clock(now))?;
        check_signature(key, params, &[params.payload().as_bytes()])?;
        Ok(key.account)
    }

    /// Answers what is of the connection itself: log on, status, user data.
    fn api_session(&mut self, from: Token, method: &str, params: &Params<'_>, now: i64, body: &mut Vec<u8>) -> Result<(), Fault> {
        let mut json = Json::new(body, false);
        match method {
            "session.logon" => {
                let account = self.signed(params, now)?;
                let key = params.must("apiKey")?.to_owned();
                if let Some(session) = self.sessions.get(from) {
                    session.logon = Some((key, account, now));
                }
                self.write_session(from, now, &mut json);
            }
            "session.status" => self.write_session(from, now, &mut json),
            "session.logout" => {
                if let Some(session) = self.sessions.get(from) {
                    session.logon = None;
                }
                self.write_session(from, now, &mut json);
            }
            "session.subscriptions" => {
                json.array();
                if let Some(session) = self.sessions.get(from) {
                    session.users.iter().for_each(|(number, _)| _ = json.object().key("subscriptionId").id(*number).end());
                }
                json.close();
            }
            "userDataStream.subscribe" => {
                let logon = self.sessions.get(from).and_then(|session| session.logon.as_ref().map(|(_, account, _)| *account));
                let account = logon.ok_or_else(|| Fault::with(401, -2015, "Invalid API-key, IP, or permissions for action."))?;
                json.object().key("subscriptionId").id(self.sessions.add_user(from, account)).end();
            }
            "userDataStream.subscribe.signature" => {
                let account = self.signed(params, now)?;
                json.object().key("subscriptionId").id(self.sessions.add_user(from, account)).end();
            }
            "userDataStream.unsubscribe" => {
                let number = params.number("subscriptionId")?.map(|number| number as u64);
                let users = self.sessions.get(from).map(|session| session.users.clone()).unwrap_or_default();
                for (which, account) in users.into_iter().filter(|(which, _)| number.is_none_or(|number| number == *which)) {
                    self.sessions.drop_user(from, account, Some(which));
                }
                json.object().end();
            }
            _ => return Err(Fault::new(-1000, "Unknown method.")),
        }
        Ok(())
    }

    fn write_session(&mut self, from: Token, now: i64, json: &mut Json<'_>) {
        let Some(session) = self.sessions.get(from) else { return };
        json.object();
        match &session.logon {
            Some((key, _, since)) => json.key("apiKey").text(key).key("authorizedSince").time(*since),
            None => json.key("apiKey").raw(b"null").key("authorizedSince").raw(b"null"),
        };
        json.key("connectedSince").time(session.since).key("returnRateLimits").bool(session.with_limits);
        json.key("serverTime").time(now).key("userDataStream").bool(!session.users.is_empty()).end();
    }
}
