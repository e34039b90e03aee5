//! Keyed orders in the program: what is refused in which sentence, identity, warm-up, and who may address an asset.
use bot4_engine::replay::settled_rows;
use bot4_engine::signal::Program;

const LIMIT: &str = r#"{"key":"dip","side":1,"kind":"limit","size":{"unit":"weight","node":1},"price":0}"#;
const STOP: &str =
    r#"{"key":"break","side":1,"kind":"stop","size":{"unit":"risk","node":1,"per_unit":1},"trigger":2,"after":"dip","oco":"g"}"#;

fn text(orders: &[&str], rest: &str) -> String {
    format!(
        r#"{{"version":1,"kind":"strategy","interval_ms":3600000,"clocks":[3600000,7200000],"nodes":[{{"op":"col","s":"close"}},
        {{"op":"const","f":[0.5]}},{{"op":"ema","in":[0],"f":[7]}},{{"op":"col","s":"close","clock":1}}],"orders":[{}]{rest}}}"#,
        orders.join(",")
    )
}

fn parse(orders: &[&str]) -> Result<Program, String> {
    Program::parse(&text(orders, ""), &["A", "B"])
}

#[test]
fn what_cannot_be_an_order_is_refused_in_a_sentence_that_names_its_key() {
    for (from, to, sentence) in [
        (r#""side":1"#, r#""side":2"#, "side must be 1"),
        (r#""kind":"limit""#, r#""kind":"iceberg""#, "there is no kind `iceberg`; there are market, limit"),
        (r#""kind":"limit""#, r#""kind":"market""#, "takes no `price`"),
        (r#""price":0"#, r#""trigger":0"#, "needs `price`"),
        (r#""price":0"#, r#""price":9"#, "node 9 does not exist"),
        (r#""price":0"#, r#""price":3"#, "carry it to the base clock"),
        (r#""price":0"#, r#""price":0,"tif":"day""#, "there is no tif `day`"),
        (r#""price":0"#, r#""price":0,"tif":"gtd""#, "gtd needs it"),
        (r#""price":0"#, r#""price":0,"expires":{"bars":3}"#, "belongs to `tif` gtd"),
        (r#""price":0"#, r#""price":0,"tif":"gtd","expires":{"bars":0}"#, "bars or ms above 0"),
        (r#""price":0"#, r#""price":0,"tif":"ioc","post_only":true"#, "post_only waits"),
        (r#""price":0"#, r#""price":0,"reduce_only":true,"exits":{"take":1}"#, "opens nothing"),
        (r#""price":0"#, r#""price":0,"exits":{"stop":1,"stop_at":0}"#, "not both"),
        (r#""price":0"#, r#""price":0,"after":"dip""#, "cannot come after itself"),
        (r#""price":0"#, r#""price":0,"after":"none""#, "no order on A"),
        (r#""unit":"weight""#, r#""unit":"risk""#, "needs `per_unit`"),
        (r#""node":1"#, r#""node":1,"per_unit":1"#, "unit `risk` alone"),
        (r#""price":0"#, r#""price":0,"stopp":1"#, "stopp"),
        ("dip", "", "key is empty"),
    ] {
        let error = parse(&[&LIMIT.replace(from, to)]).err().unwrap_or_else(|| panic!("{to} was taken"));
        assert!(error.contains(sentence), "{error}");
    }
    assert!(parse(&[LIMIT, LIMIT]).err().expect("refused").contains("two orders on A have the key `dip`"));
    let elsewhere = STOP.replace(r#""key""#, r#""asset":"B","key""#);
    assert!(parse(&[LIMIT, &elsewhere]).is_ok(), "a lane of its own on B, after the one that both have");
}

#[test]
fn the_order_of_the_list_is_no_part_of_the_identity_but_every_field_is() {
    let identity = |orders: &[&str]| parse(orders).unwrap().identity();
    let base = identity(&[LIMIT, STOP]);
    assert_eq!(identity(&[STOP, LIMIT]), base);
    for (from, to) in [
        (r#""oco":"g""#, r#""oco":"h""#),
        (r#""side":1"#, r#""side":-1"#),
        (r#""after":"dip","#, ""),
        (r#""trigger":2"#, r#""trigger":0"#),
        (r#""per_unit":1"#, r#""per_unit":0"#),
        (r#""oco":"g""#, r#""oco":"g","exits":{"take":1}"#),
        (r#""oco":"g""#, r#""oco":"g","until":0"#),
        (r#""oco":"g""#, r#""oco":"g","tif":"gtd","expires":{"bars":2}"#),
    ] {
        assert_ne!(identity(&[LIMIT, &STOP.replace(from, to)]), base, "{to}");
    }
}

#[test]
fn decisions_begin_when_everything_an_assets_orders_read_has_settled() {
    let on_b = STOP.replace(r#""key""#, r#""asset":"B","key""#);
    let program = parse(&[LIMIT, &on_b]).unwrap();
    assert_eq!(settled_rows(&program), Ok(vec![0, 70]));
    assert_eq!(program.target_nodes(), [0, 1, 2]);
}

#[test]
fn an_asset_is_addressed_by_orders_or_by_a_target() {
    let both = text(&[LIMIT], r#","targets":[{"node":1,"kind":"weight","asset":"B"}]"#);
    let error = settled_rows(&Program::parse(&both, &["A", "B"]).unwrap()).unwrap_err();
    assert!(error.contains('B') && error.contains("keyed orders"), "{error}");
    let apart = text(&[&LIMIT.replace(r#""key""#, r#""asset":"A","key""#)], r#","targets":[{"node":1,"kind":"weight","asset":"B"}]"#);
    assert!(settled_rows(&Program::parse(&apart, &["A", "B"]).unwrap()).is_ok());
}
