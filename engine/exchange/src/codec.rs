//! Commands as bytes, for the journal: little-endian, every field in the order of its type, options behind a byte.
//!
//! A command that was read back is the command that was written, bit for bit; what is not a whole command is none. Version 1.

use crate::command::{Cancel, Command, Force, Key, Kind, NewList, NewOrder, Only, SelfTrade, Shape, Side, Status};
use crate::text::Text;

/// Version of the layout.
pub const VERSION: u16 = 1;

/// Appends a command.
pub fn write(command: &Command, out: &mut Vec<u8>) {
    let mut to = To(out);
    match command {
        Command::Place(account, order) => to.byte(0).u32(*account).order(order),
        Command::Test(account, order) => to.byte(1).u32(*account).order(order),
        Command::PlaceList(account, list) => to.byte(2).u32(*account).list(list),
        Command::Cancel(account, cancel) => to.byte(3).u32(*account).cancel(cancel),
        Command::CancelAll(account, symbol) => to.byte(4).u32(*account).u16(*symbol),
        Command::CancelList(account, symbol, key) => to.byte(5).u32(*account).u16(*symbol).key(key),
        Command::CancelReplace(account, cancel, order, is_always) => {
            to.byte(6).u32(*account).cancel(cancel).order(order).byte(u8::from(*is_always))
        }
        Command::Amend(account, symbol, key, quantity, text) => to.byte(7).u32(*account).u16(*symbol).key(key).i64(*quantity).text(text),
        Command::Credit(account, asset, amount) => to.byte(8).u32(*account).u16(*asset).i64(*amount),
        Command::SetStatus(symbol, status) => to.byte(9).u16(*symbol).byte(*status as u8),
        Command::Tick => to.byte(10),
    };
}

/// Returns the command that all of the bytes are; none where they are not one.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Command> {
    let mut from = From(bytes);
    let command = match from.byte()? {
        0 => Command::Place(from.u32()?, from.order()?),
        1 => Command::Test(from.u32()?, from.order()?),
        2 => Command::PlaceList(from.u32()?, from.list()?),
        3 => Command::Cancel(from.u32()?, from.cancel()?),
        4 => Command::CancelAll(from.u32()?, from.u16()?),
        5 => Command::CancelList(from.u32()?, from.u16()?, from.key()?),
        6 => Command::CancelReplace(from.u32()?, from.cancel()?, from.order()?, from.bool()?),
        7 => Command::Amend(from.u32()?, from.u16()?, from.key()?, from.i64()?, from.text()?),
        8 => Command::Credit(from.u32()?, from.u16()?, from.i64()?),
        9 => Command::SetStatus(from.u16()?, *[Status::Trading, Status::Halt, Status::Break].get(usize::from(from.byte()?))?),
        10 => Command::Tick,
        _ => return None,
    };
    from.0.is_empty().then_some(command)
}

struct To<'o>(&'o mut Vec<u8>);

impl To<'_> {
    fn byte(&mut self, byte: u8) -> &mut Self {
        self.0.push(byte);
        self
    }

    fn u16(&mut self, number: u16) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn u32(&mut self, number: u32) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn u64(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn i64(&mut self, number: i64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn text(&mut self, text: &Text) -> &mut Self {
        self.byte(text.as_str().len() as u8);
        self.0.extend_from_slice(text.as_str().as_bytes());
        self
    }

    /// Writes an option: 255 for none, which no byte-sized value of a command is.
    fn maybe(&mut self, byte: Option<u8>) -> &mut Self {
        self.byte(byte.unwrap_or(u8::MAX))
    }

    fn option(&mut self, number: Option<i64>) -> &mut Self {
        self.byte(u8::from(number.is_some()));
        if let Some(number) = number { self.i64(number) } else { self }
    }

    fn order(&mut self, order: &NewOrder) -> &mut Self {
        self.u16(order.symbol).byte(order.side as u8).byte(order.kind as u8).maybe(order.force.map(|force| force as u8));
        self.option(order.quantity).option(order.quote_quantity).option(order.price).option(order.stop_price);
        self.option(order.trailing_delta).option(order.iceberg).text(&order.client_id);
        self.maybe(order.self_trade.map(|mode| mode as u8)).option(order.strategy_id).option(order.strategy_type)
    }

    fn list(&mut self, list: &NewList) -> &mut Self {
        self.text(&list.client_id);
        match &list.shape {
            Shape::OneCancelsOther(above, below) => self.byte(0).order(above).order(below),
            Shape::OneTriggersOther(working, pending) => self.byte(1).order(working).order(pending),
            Shape::OneTriggersOco(working, above, below) => self.byte(2).order(working).order(above).order(below),
        }
    }

    fn key(&mut self, key: &Key) -> &mut Self {
        match key {
            Key::Order(id) => self.byte(0).u64(*id),
            Key::Client(text) => self.byte(1).text(text),
            Key::Both(id, text) => self.byte(2).u64(*id).text(text),
        }
    }

    fn cancel(&mut self, cancel: &Cancel) -> &mut Self {
        self.u16(cancel.symbol).key(&cancel.key).text(&cancel.client_id).maybe(cancel.only.map(|only| only as u8))
    }
}

struct From<'b>(&'b [u8]);

impl From<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn bool(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_le_bytes)
    }

    fn text(&mut self) -> Option<Text> {
        let length = usize::from(self.byte()?);
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Text::new(std::str::from_utf8(text).ok()?)
    }

    /// Reads one of a few values, by its place.
    fn of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.byte()?)).copied()
    }

    fn maybe<T: Copy>(&mut self, all: &[T]) -> Option<Option<T>> {
        match self.byte()? {
            u8::MAX => Some(None),
            at => all.get(usize::from(at)).copied().map(Some),
        }
    }

    fn option(&mut self) -> Option<Option<i64>> {
        if self.bool()? { self.i64().map(Some) } else { Some(None) }
    }

    fn order(&mut self) -> Option<NewOrder> {
        use Kind::{Limit, LimitMaker, Market, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit};
        use SelfTrade::{Allow, Decrement, ExpireBoth, ExpireMaker, ExpireTaker, Transfer};
        Some(NewOrder {
            symbol: self.u16()?,
            side: self.of(&[Side::Buy, Side::Sell])?,
            kind: self.of(&[Limit, LimitMaker, Market, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit])?,
            force: self.maybe(&[Force::Gtc, Force::Ioc, Force::Fok])?,
            quantity: self.option()?,
            quote_quantity: self.option()?,
            price: self.option()?,
            stop_price: self.option()?,
            trailing_delta: self.option()?,
            iceberg: self.option()?,
            client_id: self.text()?,
            self_trade: self.maybe(&[Allow, ExpireTaker, ExpireMaker, ExpireBoth, Decrement, Transfer])?,
            strategy_id: self.option()?,
            strategy_type: self.option()?,
        })
    }

    fn list(&mut self) -> Option<NewList> {
        let client_id = self.text()?;
        let shape = match self.byte()? {
            0 => Shape::OneCancelsOther(self.order()?, self.order()?),
            1 => Shape::OneTriggersOther(self.order()?, self.order()?),
            2 => Shape::OneTriggersOco(self.order()?, self.order()?, self.order()?),
            _ => return None,
        };
        Some(NewList { client_id, shape })
    }

    fn key(&mut self) -> Option<Key> {
        match self.byte()? {
            0 => self.u64().map(Key::Order),
            1 => self.text().map(Key::Client),
            2 => Some(Key::Both(self.u64()?, self.text()?)),
            _ => None,
        }
    }

    fn cancel(&mut self) -> Option<Cancel> {
        Some(Cancel { symbol: self.u16()?, key: self.key()?, client_id: self.text()?, only: self.maybe(&[Only::New, Only::PartlyFilled])? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> NewOrder {
        NewOrder {
            symbol: 3,
            side: Side::Sell,
            kind: Kind::TakeProfitLimit,
            force: Some(Force::Fok),
            quantity: Some(i64::MAX),
            quote_quantity: None,
            price: Some(-1),
            stop_price: Some(0),
            trailing_delta: None,
            iceberg: Some(7),
            client_id: Text::new("x-TKT5PX2F").unwrap_or_default(),
            self_trade: Some(SelfTrade::Transfer),
            strategy_id: None,
            strategy_type: Some(1_000_000),
        }
    }

    fn all() -> Vec<Command> {
        let text = Text::new(&"a".repeat(36)).unwrap_or_default();
        let plain = NewOrder { kind: Kind::Limit, force: None, self_trade: None, client_id: Text::EMPTY, side: Side::Buy, ..order() };
        let cancel = Cancel { symbol: 1, key: Key::Both(u64::MAX, text), client_id: text, only: Some(Only::PartlyFilled) };
        vec![
            Command::Place(7, order()),
            Command::Test(u32::MAX, plain),
            Command::PlaceList(1, NewList { client_id: text, shape: Shape::OneCancelsOther(order(), plain) }),
            Command::PlaceList(1, NewList { client_id: Text::EMPTY, shape: Shape::OneTriggersOther(order(), plain) }),
            Command::PlaceList(1, NewList { client_id: Text::EMPTY, shape: Shape::OneTriggersOco(order(), plain, order()) }),
            Command::Cancel(1, cancel),
            Command::CancelAll(1, u16::MAX),
            Command::CancelList(1, 0, Key::Order(5)),
            Command::CancelReplace(1, cancel, order(), true),
            Command::Amend(1, 0, Key::Client(text), 5, Text::EMPTY),
            Command::Credit(1, 2, i64::MIN),
            Command::SetStatus(0, Status::Break),
            Command::Tick,
        ]
    }

    #[test]
    fn what_is_written_reads_back_and_no_part_of_it_does() {
        for command in all() {
            let mut bytes = Vec::new();
            write(&command, &mut bytes);
            assert_eq!(read(&bytes), Some(command));
            for cut in 0..bytes.len() {
                assert_eq!(read(&bytes[..cut]), None, "{command:?} cut at {cut}");
            }
            bytes.push(0);
            assert_eq!(read(&bytes), None);
        }
    }

    #[test]
    fn bytes_that_are_no_command_are_none() {
        for command in all() {
            let mut bytes = Vec::new();
            write(&command, &mut bytes);
            for at in 0..bytes.len() {
                for wrong in [0, 1, 37, 254, 255] {
                    let mut changed = bytes.clone();
                    changed[at] = wrong;
                    // Whatever it reads as is written back as the same bytes: nothing has two forms.
                    if let Some(other) = read(&changed) {
                        let mut again = Vec::new();
                        write(&other, &mut again);
                        assert_eq!(again, changed);
                    }
                }
            }
        }
    }
}
