//! Room that is really there: the system gives a page of memory when it is first written to, which takes longer than all that a row does. What is
//! touched at the start is not waited for later.
use std::mem::MaybeUninit;

/// Makes room for `room` more elements and writes to all that the list has: later ones meet no page that is still to be given.
pub fn touch<T>(list: &mut Vec<T>, room: usize) {
    list.reserve(room);
    list.spare_capacity_mut().iter_mut().for_each(|slot| *slot = MaybeUninit::zeroed());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_and_what_is_there_stays() {
        let mut list = vec![3_u64, 4];
        touch(&mut list, 1_000);
        assert!(list.capacity() >= 1_002);
        assert_eq!(list, [3, 4]);
        let (room, place) = (list.capacity(), list.as_ptr());
        list.extend(5..1_005);
        assert_eq!((list.capacity(), list.as_ptr(), list.len()), (room, place, 1_002), "nothing moved");
    }
}
