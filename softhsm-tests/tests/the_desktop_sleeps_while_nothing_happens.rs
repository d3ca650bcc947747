//! An agent with tray and notices does nothing while nothing happens: none of its threads runs for half a minute. What
//! wakes up now and then never has such a half minute.

use std::time::{Duration, Instant};
use ukey_softhsm_tests::{Desktop, Dialogs, Fixture, Locale, NoticeServer, Person, staged, times_run};

/// Longer than the pause of anything that looks now and then.
const QUIET: Duration = Duration::from_secs(30);
/// By then everything that a change needs some time after has been done.
const SETTLED: Duration = Duration::from_secs(90);

#[test]
fn no_thread_runs_for_half_a_minute() {
    staged(async || {
        let desktop = Desktop::headless(Person::Clerk, Locale::Chinese);
        let _server = NoticeServer::start(desktop.bus()).await;
        let fixture = Fixture::builder().desktop(desktop, Dialogs::Scripted).start().await;
        let tray = fixture.desktop().tray().await;
        // It has done something, and is done with it.
        fixture.log_in().await;
        tray.wait_for("logged-in").await;
        tray.choose("退出登录").await;
        tray.wait_for("ready").await;

        let agent = fixture.agents[&Person::Clerk].program().pid();
        let start = Instant::now();
        let (mut count, mut since) = (times_run(agent), start);
        while since.elapsed() < QUIET {
            assert!(start.elapsed() < SETTLED, "it ran {} times by now", times_run(agent));
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = times_run(agent);
            if now != count {
                (count, since) = (now, Instant::now());
            }
        }
        // It was asleep, not dead.
        fixture.log_in().await;
        tray.wait_for("logged-in").await;
        assert_ne!(times_run(agent), count);
    });
}
