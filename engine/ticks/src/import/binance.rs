//! Binance's WebSocket messages as collectors record them: one line each, `<local ns> <JSON>`, `{"stream":…,"data":{…}}` or bare.
//!
//! Read are `depthUpdate`, `trade`, `aggTrade`, `bookTicker` and the REST depth snapshot (`lastUpdateId`). Times of Binance are
//! milliseconds and become nanoseconds; the exchange's time is `T` where the venue gives it (the transaction), else `E`. Sources: Binance's
//! "WebSocket Streams" and "USDⓈ-M/COIN-M Futures" pages, read 2026-11. Prices and quantities are integers of 1e-8.

use super::decimal::parse_scaled;
use super::scan::{Scan, integer};

/// What stands for a number the venue did not send.
pub const ABSENT: i64 = -1;
const NS_PER_MS: i64 = 1_000_000;

/// Level changes: `side`, `price` and `quantity` by row, the rest by message; the rows of a message begin at its `start`.
#[derive(Default)]
pub struct Changes {
    /// +1 bid, −1 ask.
    pub side: Vec<i8>,
    /// 1e-8.
    pub price: Vec<i64>,
    /// 1e-8; 0 removes the level.
    pub quantity: Vec<i64>,
    /// First row of the message.
    pub start: Vec<i64>,
    /// Local time, ns.
    pub local_ns: Vec<i64>,
    /// The venue's time, ns; `ABSENT` on spot snapshots.
    pub exch_ns: Vec<i64>,
    /// `U`; the snapshot's `lastUpdateId`.
    pub first_id: Vec<i64>,
    /// `u`; the snapshot's `lastUpdateId`.
    pub last_id: Vec<i64>,
    /// `pu`, which only futures send.
    pub previous_id: Vec<i64>,
    /// Whether it is the REST snapshot.
    pub is_snapshot: Vec<u8>,
}

/// Trades.
#[derive(Default)]
pub struct Prints {
    /// The venue's time, ns.
    pub exch_ns: Vec<i64>,
    /// Local time, ns.
    pub local_ns: Vec<i64>,
    /// 1e-8.
    pub price: Vec<i64>,
    /// 1e-8.
    pub quantity: Vec<i64>,
    /// Whether the buyer was the maker: the aggressor sold.
    pub buyer_is_maker: Vec<u8>,
    /// The venue's number of the trade.
    pub id: Vec<i64>,
}

/// Best bid and ask.
#[derive(Default)]
pub struct Tops {
    /// The venue's time, ns; `ABSENT` on spot.
    pub exch_ns: Vec<i64>,
    /// Local time, ns.
    pub local_ns: Vec<i64>,
    /// 1e-8.
    pub bid: Vec<i64>,
    /// 1e-8.
    pub bid_quantity: Vec<i64>,
    /// 1e-8.
    pub ask: Vec<i64>,
    /// 1e-8.
    pub ask_quantity: Vec<i64>,
    /// `u`.
    pub id: Vec<i64>,
}

/// What was read of one recording.
#[derive(Default)]
pub struct Recording {
    /// Level changes and snapshots.
    pub changes: Changes,
    /// Trades.
    pub prints: Prints,
    /// Best bid and ask.
    pub tops: Tops,
    /// The symbol as the venue writes it; empty if no message named one.
    pub symbol: String,
    /// Whether messages carried `ps`, which only coin-margined futures do.
    pub has_pair: bool,
    /// Lines read, bad ones included.
    pub lines: u64,
    /// Lines that could not be read; the first one's number, counted from 1.
    pub bad_lines: (u64, u64),
    /// Lines of other symbols than the first.
    pub other_symbols: u64,
    /// Messages of a kind that is not read.
    pub unknown: u64,
    /// Trades without price or quantity, which Binance sends for its insurance fund.
    pub empty_trades: u64,
}

/// The fields of one message, as far as they were there.
struct Message<'a> {
    kind: &'a [u8],
    symbol: &'a [u8],
    has_pair: bool,
    event: i64,
    transaction: i64,
    first: i64,
    last: i64,
    previous: i64,
    snapshot: i64,
    id: i64,
    aggregate: i64,
    price: i64,
    quantity: i64,
    is_maker: Option<bool>,
    bid: i64,
    bid_quantity: i64,
    ask: i64,
    ask_quantity: i64,
}

impl Message<'_> {
    const EMPTY: Self = Message {
        kind: b"",
        symbol: b"",
        has_pair: false,
        event: ABSENT,
        transaction: ABSENT,
        first: ABSENT,
        last: ABSENT,
        previous: ABSENT,
        snapshot: ABSENT,
        id: ABSENT,
        aggregate: ABSENT,
        price: ABSENT,
        quantity: ABSENT,
        is_maker: None,
        bid: ABSENT,
        bid_quantity: ABSENT,
        ask: ABSENT,
        ask_quantity: ABSENT,
    };

    /// Returns the venue's time in ns: the transaction's, else the event's.
    fn exch_ns(&self) -> Option<i64> {
        let ms = if self.transaction != ABSENT { self.transaction } else { self.event };
        if ms == ABSENT { Some(ABSENT) } else { ms.checked_mul(NS_PER_MS) }
    }
}

impl Recording {
    /// Reads lines, each ended by a newline or the end of the text. May be called again with what follows.
    pub fn read(&mut self, text: &[u8]) {
        for line in text.split(|&byte| byte == b'\n') {
            if line.is_empty() {
                continue;
            }
            self.lines += 1;
            let rows = self.changes.side.len();
            if self.line(line).is_none() {
                self.forget_rows(rows);
                self.bad_lines.0 += 1;
                if self.bad_lines.0 == 1 {
                    self.bad_lines.1 = self.lines;
                }
            }
        }
    }

    fn forget_rows(&mut self, rows: usize) {
        self.changes.side.truncate(rows);
        self.changes.price.truncate(rows);
        self.changes.quantity.truncate(rows);
    }

    /// Reads one line; nothing if it is broken, and then no column has grown but those of level rows.
    fn line(&mut self, line: &[u8]) -> Option<()> {
        let space = line.iter().position(|&byte| byte == b' ')?;
        let local = integer(&line[..space])?;
        let mut scan = Scan::new(&line[space + 1..]);
        if !scan.take(b'{') {
            return None;
        }
        let rows = self.changes.side.len();
        let mut message = Message::EMPTY;
        self.fields(&mut scan, &mut message, true)?;
        if !scan.take(b'}') || !scan.is_done() {
            return None;
        }
        if !message.symbol.is_empty() {
            if self.symbol.is_empty() {
                self.symbol = String::from_utf8(message.symbol.to_vec()).ok()?;
            } else if self.symbol.as_bytes() != message.symbol {
                self.other_symbols += 1;
                self.forget_rows(rows);
                return Some(());
            }
        }
        self.has_pair |= message.has_pair;
        self.take(&message, local, rows)
    }

    fn take(&mut self, message: &Message<'_>, local: i64, rows: usize) -> Option<()> {
        let exch = message.exch_ns()?;
        let is_snapshot = message.snapshot != ABSENT;
        match message.kind {
            b"trade" => self.print(message, local, exch, message.id),
            b"aggTrade" => self.print(message, local, exch, message.aggregate),
            _ if is_snapshot || message.kind == b"depthUpdate" => {
                let (first, last) = if is_snapshot { (message.snapshot, message.snapshot) } else { (message.first, message.last) };
                if last == ABSENT || (!is_snapshot && (first == ABSENT || exch == ABSENT)) {
                    return None;
                }
                let to = &mut self.changes;
                to.start.push(rows as i64);
                to.local_ns.push(local);
                to.exch_ns.push(exch);
                to.first_id.push(first);
                to.last_id.push(last);
                to.previous_id.push(message.previous);
                to.is_snapshot.push(u8::from(is_snapshot));
                Some(())
            }
            // Spot's bookTicker carries no kind.
            b"bookTicker" | b"" if message.bid != ABSENT && message.ask != ABSENT => {
                if message.bid_quantity == ABSENT || message.ask_quantity == ABSENT {
                    return None;
                }
                let to = &mut self.tops;
                to.exch_ns.push(exch);
                to.local_ns.push(local);
                to.bid.push(message.bid);
                to.bid_quantity.push(message.bid_quantity);
                to.ask.push(message.ask);
                to.ask_quantity.push(message.ask_quantity);
                to.id.push(message.last);
                Some(())
            }
            _ => {
                self.unknown += 1;
                self.forget_rows(rows);
                Some(())
            }
        }
    }

    fn print(&mut self, message: &Message<'_>, local: i64, exch: i64, id: i64) -> Option<()> {
        let is_maker = message.is_maker?;
        if message.price == ABSENT || message.quantity == ABSENT || exch == ABSENT {
            return None;
        }
        if message.price == 0 || message.quantity == 0 {
            self.empty_trades += 1;
            return Some(());
        }
        let to = &mut self.prints;
        to.exch_ns.push(exch);
        to.local_ns.push(local);
        to.price.push(message.price);
        to.quantity.push(message.quantity);
        to.buyer_is_maker.push(u8::from(is_maker));
        to.id.push(id);
        Some(())
    }

    /// Reads the fields of an open object; those of `data` count as the message's own.
    fn fields<'a>(&mut self, scan: &mut Scan<'a>, to: &mut Message<'a>, is_outer: bool) -> Option<()> {
        while let Some(key) = scan.key() {
            match key {
                b"e" => to.kind = scan.string()?,
                b"s" | b"symbol" => to.symbol = scan.string()?,
                b"ps" => {
                    to.has_pair = true;
                    scan.string()?;
                }
                b"E" => to.event = scan.integer()?,
                b"T" => to.transaction = scan.integer()?,
                b"U" => to.first = scan.integer()?,
                b"u" => to.last = scan.integer()?,
                b"pu" => to.previous = scan.integer()?,
                b"lastUpdateId" => to.snapshot = scan.integer()?,
                b"t" => to.id = scan.integer()?,
                // On bookTicker and depth `a` is the ask side, on aggTrade the trade's number.
                b"a" if to.kind == b"aggTrade" => to.aggregate = scan.integer()?,
                b"b" | b"bids" => to.bid = self.side(scan, 1)?,
                b"a" | b"asks" => to.ask = self.side(scan, -1)?,
                b"B" => to.bid_quantity = parse_scaled(scan.scalar()?)?,
                b"A" => to.ask_quantity = parse_scaled(scan.scalar()?)?,
                b"p" => to.price = parse_scaled(scan.scalar()?)?,
                b"q" => to.quantity = parse_scaled(scan.scalar()?)?,
                b"m" => to.is_maker = Some(scan.scalar()? == b"true"),
                b"data" if is_outer && scan.take(b'{') => {
                    self.fields(scan, to, false)?;
                    if !scan.take(b'}') {
                        return None;
                    }
                }
                _ if !scan.skip() => return None,
                _ => {}
            }
        }
        Some(())
    }

    /// Reads one side: the levels of a depth message become rows, a single price is returned.
    fn side(&mut self, scan: &mut Scan<'_>, side: i8) -> Option<i64> {
        if !scan.take(b'[') {
            return parse_scaled(scan.scalar()?);
        }
        while scan.take(b'[') {
            let price = parse_scaled(scan.scalar()?)?;
            if !scan.take(b',') {
                return None;
            }
            let quantity = parse_scaled(scan.scalar()?)?;
            // Some venues' levels carry more, such as the number of orders.
            while scan.take(b',') {
                scan.scalar()?;
            }
            if price <= 0 || quantity < 0 || !scan.take(b']') {
                return None;
            }
            self.changes.side.push(side);
            self.changes.price.push(price);
            self.changes.quantity.push(quantity);
            scan.take(b',');
        }
        scan.take(b']').then_some(ABSENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = concat!(
        r#"100 {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":7,"T":6,"s":"BTCUSDT","U":1,"u":4,"pu":0,"#,
        r#""b":[["10.5","2"],["10.4","0"]],"a":[["10.6","0.001"]]}}"#,
        "\n",
        r#"101 {"stream":"btcusdt@trade","data":{"e":"trade","E":8,"T":8,"s":"BTCUSDT","t":55,"p":"10.6","q":"3","X":"MARKET","m":false}}"#,
        "\n",
        r#"102 {"stream":"x","data":{"u":4,"e":"bookTicker","s":"BTCUSDT","b":"10.5","B":"2","a":"10.6","A":"1","T":9,"E":9}}"#,
        "\n",
        r#"103 {"lastUpdateId":5,"E":9,"T":9,"bids":[["10.5","1"]],"asks":[]}"#,
        "\n",
        r#"104 {"e":"aggTrade","E":8,"s":"BTCUSDT","a":77,"p":"10.6","q":"3","f":1,"l":1,"T":8,"m":true}"#,
        "\n",
    );

    #[test]
    fn every_kind_of_message_finds_its_columns() {
        let mut recording = Recording::default();
        recording.read(LINES.as_bytes());
        assert_eq!((recording.lines, recording.bad_lines.0, recording.unknown), (5, 0, 0));
        assert_eq!(recording.symbol, "BTCUSDT");
        let changes = &recording.changes;
        assert_eq!(changes.side, [1, 1, -1, 1]);
        assert_eq!(changes.price, [1_050_000_000, 1_040_000_000, 1_060_000_000, 1_050_000_000]);
        assert_eq!(changes.quantity, [200_000_000, 0, 100_000, 100_000_000]);
        assert_eq!((&changes.start[..], &changes.is_snapshot[..]), (&[0, 3][..], &[0, 1][..]));
        assert_eq!((&changes.exch_ns[..], &changes.previous_id[..]), (&[6_000_000, 9_000_000][..], &[0, ABSENT][..]));
        assert_eq!((&recording.prints.id[..], &recording.prints.buyer_is_maker[..]), (&[55, 77][..], &[0, 1][..]));
        assert_eq!((recording.tops.bid[0], recording.tops.ask_quantity[0]), (1_050_000_000, 100_000_000));
    }

    #[test]
    fn a_line_cut_anywhere_is_counted_and_leaves_nothing() {
        for line in LINES.lines() {
            for length in 1..line.len() {
                let mut recording = Recording::default();
                recording.read(&line.as_bytes()[..length]);
                let kept = recording.changes.side.len() + recording.prints.id.len() + recording.tops.id.len();
                assert_eq!((recording.bad_lines, kept), ((1, 1), 0), "{}", &line[..length]);
            }
        }
    }

    #[test]
    fn other_symbols_and_empty_trades_are_counted_apart() {
        let mut recording = Recording::default();
        recording.read(LINES.as_bytes());
        recording.read(br#"105 {"e":"trade","E":8,"T":8,"s":"ETHUSDT","t":1,"p":"1","q":"1","m":true}"#);
        recording.read(br#"106 {"e":"trade","E":8,"T":8,"s":"BTCUSDT","t":1,"p":"0","q":"0","m":true}"#);
        recording.read(br#"107 {"e":"24hrTicker","E":8,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}"#);
        assert_eq!((recording.other_symbols, recording.empty_trades, recording.unknown), (1, 1, 1));
        assert_eq!((recording.prints.id.len(), recording.bad_lines.0), (2, 0));
    }
}
