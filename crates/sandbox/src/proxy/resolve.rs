//! Names to addresses: a port, so that tests decide what a name leads to.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;

pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

pub trait Resolve: Send + Sync {
    /// All addresses of a name. Asked once for each request: what it answers is checked and connected to.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a>;
}

/// As every program of the machine does it: its hosts file, its name servers.
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|at| at.ip()).collect()) })
    }
}
