//! A server from its start to its end, over real sockets; the rest of its proof is in `tests/exchange`.

use bot4_server::Running;
use std::io::{Read, Write};
use std::net::TcpStream;

const SETTINGS: &str = r#"{"address":"127.0.0.1:0","accounts":[{"name":"a","balances":{"USDT":"10"}}],"keys":[]}"#;

fn said(address: std::net::SocketAddr, sent: &str) -> String {
    let mut wire = TcpStream::connect(address).expect("it listens");
    wire.write_all(sent.as_bytes()).expect("sent");
    let mut text = String::new();
    wire.read_to_string(&mut text).expect("the connection is closed as asked");
    text
}

#[test]
fn it_starts_answers_and_ends() {
    let mut running = Running::start(SETTINGS, None).expect("it starts");
    let address = running.address();
    assert!(running.is_alive() && running.restored() == 0);
    let ping = said(address, "GET /api/v3/ping HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(ping.starts_with("HTTP/1.1 200 OK\r\n") && ping.ends_with("\r\n\r\n{}"), "{ping}");
    assert!(ping.contains("x-mbx-used-weight-1m: 1\r\n"));
    let state = said(address, "GET /control/state HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(state.contains(r#""a":{"USDT":{"free":"10.00000000","locked":"0.00000000"}}"#), "{state}");
    assert_eq!(running.stop(), Ok(()));
    assert!(!running.is_alive() && TcpStream::connect(address).is_err());
    assert_eq!(running.stop(), Ok(()), "twice is once");
}

#[test]
fn what_cannot_be_started_is_a_sentence() {
    for (settings, sentence) in [
        ("{", "the settings cannot be read"),
        (r#"{"address":"nowhere","accounts":[],"keys":[]}"#, "cannot listen on nowhere"),
        (r#"{"address":"127.0.0.1:0","accounts":[],"keys":[{"key":"k","account":"b","secret":"s"}]}"#, "there is no such account"),
        (r#"{"address":"127.0.0.1:0","accounts":[{"name":"a"}],"keys":[{"key":"k","account":"a"}]}"#, "needs either `secret` or `public`"),
        (r#"{"address":"127.0.0.1:0","accounts":[{"name":"a","balances":{"XYZ":"1"}}],"keys":[]}"#, "no asset `XYZ`"),
        (r#"{"address":"127.0.0.1:0","accounts":[{"name":"a","balances":{"BTC":"x"}}],"keys":[]}"#, "is no amount of BTC"),
        (r#"{"address":"127.0.0.1:0","accounts":[],"keys":[],"faults":"x"}"#, "the script of faults is not readable"),
    ] {
        let why = Running::start(settings, None).err().expect("refused");
        assert!(why.contains(sentence), "{why}");
    }
}
