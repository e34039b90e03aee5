//! The calls of the control API as one table: what they are named, what they take, what they do. Requests are held to it, and its OpenAPI
//! description (version 3.0.3, served at `/control/openapi.json`) is made from it.

use serde_json::{Map, Value, json};

/// What a member of a call's body may be.
pub enum Kind {
    /// A whole number from 0, the most.
    Whole(u64),
    /// A number, least and most.
    Number(f64, f64),
    /// True or false.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An amount of at most eight decimals, as text.
    Amount,
    /// Name of an account.
    Account,
    /// Name of an asset.
    Asset,
    /// Name of a symbol.
    Symbol,
}

/// A member of a call's body.
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Whether it must be there.
    pub is_must: bool,
    /// What it says.
    pub says: &'static str,
}

/// A call.
pub struct Operation {
    /// Its name: the path after `/control/`.
    pub name: &'static str,
    /// GET or POST.
    pub method: &'static str,
    /// What it does.
    pub does: &'static str,
    /// What its body holds; a GET has none.
    pub takes: &'static [Member],
}

/// Longest step of the clock: ten years, milliseconds.
pub const LONGEST_MS: i64 = 315_576_000_000;
/// Fastest clock, times the machine's.
pub const FASTEST: f64 = 1_000_000.0;
const COUNT: Kind = Kind::Whole(u32::MAX as u64);

const fn may(name: &'static str, kind: Kind, says: &'static str) -> Member {
    Member { name, kind, is_must: false, says }
}

const fn must(name: &'static str, kind: Kind, says: &'static str) -> Member {
    Member { name, kind, is_must: true, says }
}

const fn post(name: &'static str, does: &'static str, takes: &'static [Member]) -> Operation {
    Operation { name, method: "POST", does, takes }
}

/// Every call. Each answers with the state after it.
pub const OPERATIONS: [Operation; 8] = [
    Operation {
        name: "state",
        method: "GET",
        does: "Tells time, speed, balances by account, and a hash of balances and books.",
        takes: &[],
    },
    post(
        "time",
        "Moves the venue's time on, sets how fast it runs.",
        &[
            may("advance_ms", Kind::Whole(LONGEST_MS as u64), "So far on, milliseconds."),
            may("speed", Kind::Number(0.0, FASTEST), "Venue seconds a second; 0 lets time stand."),
        ],
    ),
    post(
        "balance",
        "Adds to a free balance, or takes from it.",
        &[
            must("account", Kind::Account, "Name of the account."),
            must("asset", Kind::Asset, "Name of the asset."),
            must("amount", Kind::Amount, "So much; below zero it is taken."),
        ],
    ),
    post(
        "status",
        "Sets a symbol's status.",
        &[must("symbol", Kind::Symbol, "Name of the symbol."), must("status", Kind::Word(&["TRADING", "HALT", "BREAK"]), "Its status.")],
    ),
    post("limits", "Puts the limits in force, or not.", &[must("enabled", Kind::Flag, "Whether they are.")]),
    post(
        "faults",
        "Sets what goes wrong from now on; what is left out does not.",
        &[
            may("lose_answers", COUNT, "So many orders are done, and their connections cut before the answer."),
            may("unknown_answers", COUNT, "So many orders are done and answered with 504."),
            may("overloaded", COUNT, "So many orders are not done and answered with 503."),
            may("outage", Kind::Flag, "Whether every REST call is answered with 503."),
            may("drop_permille", COUNT, "Thousandths of market stream messages that are not sent."),
            may("repeat_permille", COUNT, "Thousandths of market stream messages that are sent twice."),
            may("seed", Kind::Whole(u64::MAX), "Seed of both."),
        ],
    ),
    post("cut", "Cuts every WebSocket connection.", &[]),
    post("reset", "Begins anew: accounts as they were set up, empty books, an empty journal. Time goes on.", &[]),
];

/// The names that a venue knows.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Accounts.
    pub accounts: Vec<String>,
    /// Assets.
    pub assets: Vec<String>,
    /// Symbols.
    pub symbols: Vec<String>,
}

impl Kind {
    fn schema(&self, names: &Names) -> Value {
        let of = |known: &[String]| json!({"type": "string", "enum": known});
        match self {
            Self::Whole(most) => json!({"type": "integer", "minimum": 0, "maximum": most}),
            Self::Number(least, most) => json!({"type": "number", "minimum": least, "maximum": most}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Amount => json!({"type": "string", "pattern": r"^-?[0-9]{1,10}(\.[0-9]{1,8})?$"}),
            Self::Account => of(&names.accounts),
            Self::Asset => of(&names.assets),
            Self::Symbol => of(&names.symbols),
        }
    }
}

impl Operation {
    /// Refuses a member that is there and says nothing: the typed reading of a body takes `null` for one that is left out.
    ///
    /// # Errors
    /// One sentence with the member's name.
    pub fn check(&self, body: &Map<String, Value>) -> Result<(), String> {
        match self.takes.iter().find(|member| body.get(member.name).is_some_and(Value::is_null)) {
            Some(member) => Err(format!("`{}` is null: leave it out, or say what it is", member.name)),
            None => Ok(()),
        }
    }
}

fn object(members: &[Member], names: &Names) -> Value {
    let of = |member: &Member| {
        let mut schema = member.kind.schema(names);
        schema["description"] = json!(member.says);
        (member.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = members.iter().map(of).collect();
    let required: Vec<&str> = members.iter().filter(|member| member.is_must).map(|member| member.name).collect();
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// Returns the description of the control API of a venue that knows these names.
#[must_use]
pub fn openapi(names: &Names) -> Value {
    let answer = |what: &str, schema: &str| {
        let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
        json!({"description": what, "content": {"application/json": {"schema": schema}}})
    };
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let mut answers = json!({
            "200": answer("The state after it.", "State"),
            "403": answer("The request came from another machine.", "Error"),
        });
        if operation.method == "POST" {
            answers["400"] = answer("The body is not what the call takes.", "Error");
            answers["404"] = answer("There is no such account, asset or symbol.", "Error");
            answers["409"] = answer("The venue refuses.", "Error");
            answers["415"] = answer("The body does not say that it is JSON.", "Error");
        }
        let mut told = json!({"operationId": operation.name, "summary": operation.does, "responses": answers});
        if operation.method == "POST" {
            told["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": object(operation.takes, names)}}});
        }
        paths.insert(format!("/control/{}", operation.name), json!({operation.method.to_lowercase(): told}));
    }
    let balance = json!({"type": "object", "required": ["free", "locked"],
        "properties": {"free": {"type": "string"}, "locked": {"type": "string"}}});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Bot4's exchange: control", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {"schemas": {
            "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}, "additionalProperties": false},
            "State": {
                "type": "object",
                "required": ["time_ms", "speed", "limits", "commands", "restored", "state_hash", "accounts"],
                "properties": {
                    "time_ms": {"type": "integer"},
                    "speed": {"type": "number"},
                    "limits": {"type": "boolean"},
                    "commands": {"type": "integer"},
                    "restored": {"type": "integer"},
                    "state_hash": {"type": "string"},
                    "recording": {"type": "object", "properties": {
                        "symbol": {"type": "string"}, "ends_ms": {"type": "integer"}, "is_over": {"type": "boolean"},
                    }},
                    "accounts": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": balance}},
                },
            },
        }},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_described_with_what_it_takes() {
        let names = Names { accounts: vec!["a".to_owned()], ..Names::default() };
        let told = openapi(&names);
        let paths = told["paths"].as_object().expect("paths");
        assert_eq!(paths.len(), OPERATIONS.len());
        assert_eq!(paths["/control/state"]["get"]["requestBody"], Value::Null);
        let body = &paths["/control/balance"]["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!((&body["required"], &body["additionalProperties"]), (&json!(["account", "asset", "amount"]), &json!(false)));
        assert_eq!((&body["properties"]["amount"]["type"], &body["properties"]["account"]["enum"]), (&json!("string"), &json!(["a"])));
        assert_eq!(paths["/control/faults"]["post"]["requestBody"]["content"]["application/json"]["schema"]["required"], Value::Null);
    }
}
