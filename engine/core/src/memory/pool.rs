//! A pool of objects of one owner: a fixed number of slots, named by handles that a later use of the slot does not answer to.
//!
//! Memory is taken at the start. What crosses threads is lent by [`super::depot`]; this pool belongs to one thread.

/// Names an object in a pool: its slot, and which use of the slot. Stale handles find nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle {
    index: u32,
    generation: u32,
}

impl Handle {
    /// Returns the handle as one number, for records; equal handles have equal numbers.
    pub fn bits(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    /// Returns the slot's number, below the pool's capacity: for columns beside the pool.
    pub fn index(self) -> usize {
        self.index as usize
    }
}

enum Content<T> {
    /// Next free slot; the pool's length: none.
    Free(u32),
    Used(T),
}

struct Slot<T> {
    generation: u32,
    content: Content<T>,
}

/// A fixed number of slots of `T`.
pub struct Pool<T> {
    slots: Box<[Slot<T>]>,
    /// First free slot; the number of slots: none.
    free: u32,
    used: usize,
    most_used: usize,
}

impl<T> Pool<T> {
    /// Makes a pool of `capacity` slots.
    ///
    /// # Panics
    /// Where `capacity` does not fit into 32 bits.
    pub fn new(capacity: usize) -> Self {
        let end = u32::try_from(capacity).expect("a pool has fewer than 2^32 slots");
        let slots = (0..end).map(|index| Slot { generation: 0, content: Content::Free(index + 1) }).collect();
        Self { slots, free: 0, used: 0, most_used: 0 }
    }

    /// Puts a value into a free slot.
    ///
    /// # Errors
    /// Gives the value back where every slot is used.
    #[inline]
    pub fn acquire(&mut self, value: T) -> Result<Handle, T> {
        let index = self.free;
        let Some(slot) = self.slots.get_mut(index as usize) else { return Err(value) };
        if let Content::Free(next) = slot.content {
            self.free = next;
        }
        slot.content = Content::Used(value);
        self.used += 1;
        self.most_used = self.most_used.max(self.used);
        Ok(Handle { index, generation: slot.generation })
    }

    /// Takes the object out and frees its slot; nothing where the handle is stale.
    #[inline]
    pub fn release(&mut self, handle: Handle) -> Option<T> {
        let slot = self.slots.get_mut(handle.index()).filter(|slot| slot.generation == handle.generation)?;
        if matches!(slot.content, Content::Free(_)) {
            return None;
        }
        let content = std::mem::replace(&mut slot.content, Content::Free(self.free));
        slot.generation = slot.generation.wrapping_add(1);
        self.free = handle.index;
        self.used -= 1;
        match content {
            Content::Used(value) => Some(value),
            Content::Free(_) => None,
        }
    }

    /// Returns the object, nothing where the handle is stale.
    #[inline]
    pub fn get(&self, handle: Handle) -> Option<&T> {
        match self.slots.get(handle.index()) {
            Some(Slot { generation, content: Content::Used(value) }) if *generation == handle.generation => Some(value),
            _ => None,
        }
    }

    /// Returns the object for changing, nothing where the handle is stale.
    #[inline]
    pub fn get_mut(&mut self, handle: Handle) -> Option<&mut T> {
        match self.slots.get_mut(handle.index()) {
            Some(Slot { generation, content: Content::Used(value) }) if *generation == handle.generation => Some(value),
            _ => None,
        }
    }

    /// Returns objects with their handles, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (Handle, &T)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| match &slot.content {
            Content::Used(value) => Some((Handle { index: index as u32, generation: slot.generation }, value)),
            Content::Free(_) => None,
        })
    }

    /// Returns how many slots are used.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Says whether no slot is used.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Returns the number of slots.
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }

    /// Returns the largest number of slots that were used at once.
    pub fn most_used(&self) -> usize {
        self.most_used
    }
}
