//! Gates that let so many through at once for each user, or each connection: the rest wait for their own, not for others.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::Semaphore;

/// A gate for each key.
pub(super) struct Gates<K>(Mutex<HashMap<K, Weak<Semaphore>>>);

impl<K> Default for Gates<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Gates<K> {
    /// The gate of this key, which is kept as long as anyone holds or awaits a permit of it.
    pub(super) fn gate(&self, key: K, permits: usize) -> Arc<Semaphore> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|_, gate| gate.strong_count() > 0);
        if let Some(gate) = gates.get(&key).and_then(Weak::upgrade) {
            return gate;
        }
        let gate = Arc::new(Semaphore::new(permits));
        gates.insert(key, Arc::downgrade(&gate));
        gate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_and_none_outlives_its_use() {
        let gates = Gates::default();
        let one = gates.gate(1, 2);
        let held = Arc::clone(&one).try_acquire_many_owned(2).unwrap();
        assert!(gates.gate(1, 2).try_acquire().is_err());
        assert!(gates.gate(2, 2).try_acquire().is_ok());
        drop((held, one));
        assert_eq!(gates.gate(3, 1).available_permits(), 1);
        assert_eq!(gates.0.lock().unwrap().len(), 1);
    }
}
