//! A process with the callers of one contender, which does what its standard input says.

mod bus;
mod module;
mod prototype;
mod raw;
mod relay;
mod safety;
mod ssh;

pub(crate) use prototype::{PrototypeArguments, prototype};
pub(crate) use relay::{HopArguments, hop};

use crate::contender::{Contender, Kind};
use clap::Args;
use std::io::{Write, stdin, stdout};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a worker needs to know.
#[derive(Clone, Debug, Args)]
pub(crate) struct Arguments {
    contender: Contender,
    kind: Kind,
    /// Object path of the certificate.
    #[arg(long, default_value = "")]
    certificate: String,
    /// Socket of the prototype; its name on the bus is beside it.
    #[arg(long)]
    prototype: Option<PathBuf>,
    /// Module that it loads.
    #[arg(long)]
    module: Option<PathBuf>,
    /// Label and PIN of the token.
    #[arg(long, default_value = "")]
    label: String,
    #[arg(long, default_value = "")]
    pin: String,
    /// Sign once, and end.
    #[arg(long)]
    once: bool,
    /// End at once.
    #[arg(long)]
    nothing: bool,
}

/// What comes in on standard input.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// Have so many callers.
    Callers(usize),
    /// So many signatures by one caller, one after another: nanoseconds of each.
    Times(usize),
    /// All callers sign for so long: number, median and 99th percentile in nanoseconds.
    Window(Duration),
    /// So many digests in one call or loop: nanoseconds.
    Batch(usize),
    /// A file: nanoseconds.
    File(PathBuf),
}

impl Order {
    /// As a line.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Callers(count) => format!("callers {count}"),
            Self::Times(count) => format!("times {count}"),
            Self::Window(time) => format!("window {}", time.as_millis()),
            Self::Batch(count) => format!("batch {count}"),
            Self::File(path) => format!("file {}", path.display()),
        }
    }

    fn parse(line: &str) -> Self {
        let (word, rest) = line.split_once(' ').unwrap();
        let number = || rest.parse::<usize>().unwrap();
        match word {
            "callers" => Self::Callers(number()),
            "times" => Self::Times(number()),
            "window" => Self::Window(Duration::from_millis(number() as u64)),
            "batch" => Self::Batch(number()),
            "file" => Self::File(rest.into()),
            _ => panic!("{line}"),
        }
    }
}

/// Signs a digest and waits for the signature.
pub(super) trait Signs: Send {
    fn sign(&mut self, digest: &[u8; 32]);
}

/// Does as it is told until its standard input ends.
pub(crate) fn work(arguments: &Arguments) {
    if arguments.nothing {
        return;
    }
    match arguments.contender {
        Contender::Direct | Contender::P11Kit => module::work(arguments),
        Contender::Relay => blocking(arguments.once, || Box::new(relay::Relay::start(arguments)), None),
        Contender::SshAgent => blocking(arguments.once, || Box::new(ssh::Ssh::connect(arguments.kind)), None),
        // Whatever speaks D-Bus.
        _ => bus::work(arguments),
    }
}

/// A digest that was not signed before.
fn digest(number: u64) -> [u8; 32] {
    let mut digest = [7; 32];
    digest[..8].copy_from_slice(&number.to_le_bytes());
    digest
}

fn orders() -> impl Iterator<Item = Order> {
    stdin().lines().map(|line| Order::parse(&line.unwrap()))
}

fn answer(numbers: impl IntoIterator<Item = u128>) {
    let words: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    let mut output = stdout().lock();
    writeln!(output, "{}", words.join(" ")).unwrap();
    output.flush().unwrap();
}

/// Number, median and 99th percentile.
fn summary(mut times: Vec<u128>) -> [u128; 3] {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    [times.len() as u128, at(50), at(99)]
}

/// Reads a document as a careful program does, and hashes it.
fn hash_file(path: &std::path::Path) -> [u8; 32] {
    use std::io::Read;
    let (mut file, mut buffer) = (std::fs::File::open(path).unwrap(), vec![0; 64 << 10]);
    let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    loop {
        match file.read(&mut buffer).unwrap() {
            0 => return hash.finish().as_ref().try_into().unwrap(),
            length => hash.update(&buffer[..length]),
        }
    }
}

/// Callers that each have a thread.
fn blocking(once: bool, mut make: impl FnMut() -> Box<dyn Signs>, mut lanes: Option<usize>) {
    let mut callers = vec![make()];
    let mut number = 0;
    callers[0].sign(&digest(number));
    if once {
        return;
    }
    answer([0]);
    for order in orders() {
        match order {
            Order::Callers(count) => {
                callers.truncate(count);
                while callers.len() < count {
                    callers.push(make());
                }
                answer([0]);
            }
            Order::Times(count) => answer(
                (0..count)
                    .map(|_| {
                        number += 1;
                        let (digest, start) = (digest(number), Instant::now());
                        callers[0].sign(&digest);
                        start.elapsed().as_nanos()
                    })
                    .collect::<Vec<_>>(),
            ),
            Order::Window(time) => answer(summary(all_sign(&mut callers, time))),
            Order::Batch(count) => {
                let lanes = lanes.get_or_insert(1);
                while callers.len() < *lanes {
                    callers.push(make());
                }
                let start = Instant::now();
                std::thread::scope(|scope| {
                    for (lane, caller) in callers.iter_mut().take(*lanes).enumerate() {
                        let share = (count + *lanes - 1 - lane) / *lanes;
                        scope.spawn(move || (0..share).for_each(|number| caller.sign(&digest(number as u64))));
                    }
                });
                answer([start.elapsed().as_nanos()]);
            }
            Order::File(path) => {
                let start = Instant::now();
                callers[0].sign(&hash_file(&path));
                answer([start.elapsed().as_nanos()]);
            }
        }
    }
}

fn all_sign(callers: &mut [Box<dyn Signs>], time: Duration) -> Vec<u128> {
    let end = Instant::now() + time;
    std::thread::scope(|scope| {
        let sign = |(index, caller): (usize, &mut Box<dyn Signs>)| {
            let (mut times, mut number) = (Vec::new(), (index as u64) << 32);
            let mut start = Instant::now();
            while start < end {
                number += 1;
                caller.sign(&digest(number));
                times.push(start.elapsed().as_nanos());
                start = Instant::now();
            }
            times
        };
        let threads: Vec<_> = callers.iter_mut().enumerate().map(|caller| scope.spawn(move || sign(caller))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
