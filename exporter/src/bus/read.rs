//! Reading it, without starting a ukeyd that does not run.

use super::counters::{Call, Totals, is_id};
use super::sample::{Certificate, Key, Module, Sample};
use std::collections::HashMap;
use ukey_dbus::names::{BUS_NAME, CERTIFICATE, MANAGER, MODULE, ROOT_PATH, TOKEN};
use ukey_dbus::{ErrorKind, StatisticsProxy};
use zbus::fdo::{DBusProxy, ManagedObjects};
use zbus::proxy::{CacheProperties, MethodFlags};
use zbus::{Connection, OwnedVariant, Proxy};

/// Longest name of a module, and of a version.
const NAME_MAX: usize = 64;

/// What is read, and how.
pub(crate) struct Reader {
    bus: DBusProxy<'static>,
    root: Proxy<'static>,
    statistics: StatisticsProxy<'static>,
    refused: bool,
}

impl Reader {
    pub(crate) async fn new(connection: &Connection) -> zbus::Result<Self> {
        let root = zbus::proxy::Builder::<Proxy<'_>>::new(connection).destination(BUS_NAME).path(ROOT_PATH);
        let root = root.interface("org.freedesktop.DBus.ObjectManager").cache_properties(CacheProperties::No);
        Ok(Self {
            bus: DBusProxy::new(connection).await?,
            root: root.build().await?,
            statistics: StatisticsProxy::new(connection).await?,
            refused: false,
        })
    }

    /// How everything is now, and the calls after this one that ukeyd remembers. `None` while it does not run.
    pub(crate) async fn read(&mut self, after: u64) -> zbus::Result<Option<(Sample, Vec<Call>)>> {
        if !self.bus.name_has_owner(BUS_NAME.try_into()?).await? {
            return Ok(None);
        }
        let objects = self.root.call_with_flags("GetManagedObjects", MethodFlags::NO_AUTO_START, &()).await?;
        let Some(objects) = objects else { return Ok(None) };
        let mut sample = sample_of(&objects);
        let calls = match self.statistics.read(after).await {
            Ok((totals, calls)) => {
                sample.totals = Totals::of(&totals);
                self.refused = false;
                calls.iter().filter_map(Call::of).collect()
            }
            Err(error) => {
                self.tell_once(&error);
                Vec::new()
            }
        };
        Ok(Some((sample, calls)))
    }

    fn tell_once(&mut self, error: &zbus::Error) {
        let refused = matches!(error, zbus::Error::MethodError(name, ..)
            if ErrorKind::from_dbus_name(name) == Some(ErrorKind::NotAuthorized));
        if !std::mem::replace(&mut self.refused, true) {
            let hint =
                if refused { "; the rule 50-ukey-exporter.rules of polkit lets this service's user" } else { "" };
            tracing::warn!("counts of calls and signatures cannot be read: {error}{hint}");
        }
    }
}

fn sample_of(objects: &ManagedObjects) -> Sample {
    let mut sample = Sample::default();
    for (path, interfaces) in objects {
        let id = path.rsplit('/').next().unwrap_or_default();
        for (interface, properties) in interfaces {
            let properties = Properties(properties);
            match interface.as_str() {
                MANAGER => sample.version = properties.name("Version").unwrap_or_default(),
                MODULE => sample.modules.extend(properties.module()),
                TOKEN if is_id(id) => sample.keys.extend(properties.key(id)),
                CERTIFICATE if is_id(id) => sample.certificates.extend(properties.certificate(id)),
                _ => {}
            }
        }
    }
    sample.keys.sort_by(|a, b| a.id.cmp(&b.id));
    sample.certificates.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
    sample.modules.sort_by(|a, b| a.name.cmp(&b.name));
    sample
}

/// Of one interface; only what is told further is looked at.
struct Properties<'a>(&'a HashMap<String, OwnedVariant>);

impl Properties<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.downcast_ref().ok()
    }

    fn word<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// A name that the administrator or the project gave: letters, digits, dots and hyphens.
    fn name(&self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let plain = |character: char| character.is_ascii_alphanumeric() || "-_.+~".contains(character);
        Some(text.chars().filter(|character| plain(*character)).take(NAME_MAX).collect())
    }

    fn tries(&self, name: &str) -> Option<u32> {
        u32::try_from(self.0.get(name)?.downcast_ref::<i32>().ok()?).ok()
    }

    fn module(&self) -> Option<Module> {
        let restarts = self.0.get("Restarts")?.downcast_ref().ok()?;
        Some(Module { name: self.name("Name")?, state: self.word("State")?, restarts })
    }

    fn key(&self, id: &str) -> Option<Key> {
        Some(Key {
            id: id.to_owned(),
            state: self.word("State")?,
            pin: self.word("PinState")?,
            so_pin: self.word("SoPinState")?,
            pin_tries: self.tries("PinTriesRemaining"),
            so_pin_tries: self.tries("SoPinTriesRemaining"),
        })
    }

    fn certificate(&self, id: &str) -> Option<Certificate> {
        let token: zbus::ObjectPath<'_> = self.0.get("Token")?.downcast_ref().ok()?;
        let key = token.rsplit('/').next().filter(|key| is_id(key))?.to_owned();
        Some(Certificate {
            key,
            id: id.to_owned(),
            not_after: self.0.get("NotAfter")?.downcast_ref().ok()?,
            key_type: self.word("KeyType")?,
            key_use: self.word("KeyUse")?,
        })
    }
}
