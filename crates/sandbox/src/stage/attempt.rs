//! The stage that misbehaves on purpose, and tells how far it came.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::Path;
use std::time::Duration;

use rustix::mount::{MountFlags, UnmountFlags};
use rustix::net::{AddressFamily, SocketType};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, Signal};
use rustix::thread::{ThreadNameSpaceType, UnshareFlags};

use super::{Tried as _, input};
use crate::probe::{Attempt, Task, Tried};

/// A path at which there is nothing.
const NOTHING: &str = "/nonexistent/fanfold";
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// A line of JSON for each task that is read from standard input.
pub(super) fn main() -> Result<u8, String> {
    let tasks: Vec<Task> = serde_json::from_reader(input().tried("input")?).tried("no tasks")?;
    let mut out = io::stdout().lock();
    for Task { name, attempt } in tasks {
        let result = attempt.make().map_err(|err| err.to_string());
        let line = serde_json::to_string(&Tried { name, result }).tried("an answer")?;
        writeln!(out, "{line}").tried("output")?;
    }
    Ok(0)
}

impl Attempt {
    fn make(&self) -> io::Result<String> {
        match self {
            Attempt::Read(path) => read(path),
            Attempt::OpenToWrite(path) => done(OpenOptions::new().write(true).open(path)),
            Attempt::Append(path) => {
                done(OpenOptions::new().append(true).open(path).and_then(|mut file| file.write_all(b"!")))
            }
            Attempt::Create(path) => done(fs::write(path, "")),
            Attempt::Remove(path) => done(fs::remove_file(path)),
            Attempt::Connect(to) => done(TcpStream::connect_timeout(to, CONNECT_TIMEOUT)),
            Attempt::Send(to) => done(UdpSocket::bind("127.0.0.1:0").and_then(|own| {
                // Nobody there is told only to a socket that is connected, by the next call.
                own.connect(to)?;
                own.set_read_timeout(Some(Duration::from_millis(50)))?;
                own.send(b"x")?;
                match own.recv(&mut [0; 1]) {
                    Err(err) if err.kind() == io::ErrorKind::ConnectionRefused => Err(err),
                    Err(_) | Ok(_) => Ok(()),
                }
            })),
            Attempt::ConnectUnix(path) => done(UnixStream::connect(path)),
            Attempt::ConnectAbstract(name) => {
                done(SocketAddr::from_abstract_name(name).and_then(|name| UnixStream::connect_addr(&name)))
            }
            Attempt::Signal(id) => done(rustix::process::kill_process(pid(*id)?, Signal::TERM)),
            Attempt::OpenMemory(id) => done(fs::File::open(format!("/proc/{id}/mem"))),
            Attempt::UnmountNothing => {
                allowed_unless_denied(rustix::mount::unmount(NOTHING, UnmountFlags::DETACH))
            }
            Attempt::MountNothing => allowed_unless_denied(rustix::mount::mount(
                "none",
                "/",
                "fanfold-no-such-kind",
                MountFlags::empty(),
                None,
            )),
            #[expect(deprecated, reason = "unsound for the table of descriptors only, which stays shared")]
            Attempt::NewUserNamespace => done(rustix::thread::unshare(UnshareFlags::NEWUSER)),
            Attempt::EnterOwnNamespace => {
                let of = fs::File::open("/proc/self/ns/net")?;
                done(rustix::thread::move_into_thread_name_spaces(of.as_fd(), ThreadNameSpaceType::NETWORK))
            }
            Attempt::ChangeRoot => done(rustix::process::chroot("/")),
            Attempt::PacketSocket => done(rustix::net::socket(AddressFamily::PACKET, SocketType::RAW, None)),
            Attempt::CloneDescriptor(id) => {
                let process = rustix::process::pidfd_open(pid(*id)?, PidfdFlags::empty())?;
                done(rustix::process::pidfd_getfd(process, 0, PidfdGetfdFlags::empty()))
            }
        }
    }
}

/// Nothing to be read is as good as a denial.
fn read(path: &Path) -> io::Result<String> {
    let mut start = [0; 64];
    match fs::File::open(path)?.read(&mut start)? {
        0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "nothing in it")),
        count => Ok(format!("{count} bytes")),
    }
}

fn done<T, E: Into<io::Error>>(result: Result<T, E>) -> io::Result<String> {
    result.map(|_| "it was allowed".to_owned()).map_err(Into::into)
}

/// Of an attempt that names nothing: another failure than a denial means that the kernel got so far.
fn allowed_unless_denied(result: rustix::io::Result<()>) -> io::Result<String> {
    match result {
        Err(err @ (rustix::io::Errno::PERM | rustix::io::Errno::ACCESS)) => Err(err.into()),
        Err(err) => Ok(format!("it was not denied: {err}")),
        Ok(()) => Ok("it was allowed".to_owned()),
    }
}

fn pid(id: i32) -> io::Result<Pid> {
    Pid::from_raw(id).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}
