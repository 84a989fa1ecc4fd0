//! The list of hosts that may be reached.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use url::Host;

use super::address::{is_private_network, is_public};

/// Where a rule names no port.
const PORTS: [u16; 2] = [80, 443];

/// Hosts that may be reached: `crates.io` (ports 80 and 443), `crates.io:8080` (that port only),
/// `*.npmjs.org` (every name beneath, not the name itself), `203.0.113.7`, `[2001:db8::7]:8443`.
///
/// An address of a private network is reached only where the list names it, whether it was asked for itself or
/// is where a listed name leads. No list names this machine, or a metadata service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    rules: Vec<Rule>,
    /// See [`AllowList::also_at`].
    also: Vec<SocketAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    what: What,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Name(String),
    /// With the dot in front.
    Beneath(String),
    Address(IpAddr),
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule:?} is no host that agents can be allowed to reach: {why}")]
pub struct BadRule {
    pub rule: String,
    pub why: String,
}

impl AllowList {
    pub fn parse<R: AsRef<str>>(rules: impl IntoIterator<Item = R>) -> Result<Self, BadRule> {
        let parse = |rule: R| {
            let rule = rule.as_ref().trim();
            Rule::parse(rule).map_err(|why| BadRule { rule: rule.to_owned(), why })
        };
        Ok(Self { rules: rules.into_iter().map(parse).collect::<Result<_, _>>()?, also: Vec::new() })
    }

    /// Lets this one address be reached although no rule could name it: for tests, whose servers are on
    /// loopback. Settings have no way to say this.
    pub fn also_at(mut self, address: SocketAddr) -> Self {
        self.also.push(address);
        self
    }

    /// The rule that lets the host be asked for, or why none does.
    pub(super) fn rule_for(&self, host: &Host, port: u16, setting: &str) -> Result<String, String> {
        let of_host: Vec<&Rule> = self.rules.iter().filter(|rule| rule.what.is(host)).collect();
        if let Some(rule) = of_host.iter().find(|rule| rule.has_port(port)) {
            return Ok(rule.to_string());
        }
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(v4) => Some(IpAddr::V4(*v4)),
            Host::Ipv6(v6) => Some(IpAddr::V6(*v6)),
        };
        if address.is_some_and(|ip| listed(ip).is_err()) {
            return Err(format!("{host} is not a public address, and `{setting}` cannot open it"));
        }
        let needed = if PORTS.contains(&port) { host.to_string() } else { format!("{host}:{port}") };
        Err(if of_host.is_empty() {
            format!("{host} is not among the hosts that agents may reach; add {needed:?} to `{setting}`")
        } else {
            format!(
                "port {port} of {host} is not one that agents may reach; add \"{host}:{port}\" to `{setting}`"
            )
        })
    }

    /// Whether a listed host may be reached there, or why not.
    pub(super) fn check_address(&self, host: &Host, at: SocketAddr, setting: &str) -> Result<(), String> {
        let ip = at.ip();
        let is_mapped = matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
        let is_named =
            || self.rules.iter().any(|rule| rule.what == What::Address(ip) && rule.has_port(at.port()));
        if (is_public(ip) && !is_mapped) || (is_private_network(ip) && is_named()) || self.also.contains(&at)
        {
            return Ok(());
        }
        let of = if *host == host_of(ip) { String::new() } else { format!("{host} is at {ip}: ") };
        Err(if is_private_network(ip) {
            format!("{of}{ip} is of a private network; add \"{at}\" to `{setting}` as well")
        } else {
            format!("{of}{ip} is not a public address, and `{setting}` cannot open it")
        })
    }
}

fn host_of(ip: IpAddr) -> Host {
    match ip {
        IpAddr::V4(v4) => Host::Ipv4(v4),
        IpAddr::V6(v6) => Host::Ipv6(v6),
    }
}

/// A host as it is compared: lower case, IDNA done, no dot at the end; odd ways to write an address (`0x7f.1`,
/// `2130706433`) are the address.
pub(super) fn parse_host(text: &str) -> Option<Host> {
    match Host::parse(text.strip_suffix('.').unwrap_or(text)).ok()? {
        Host::Domain(name) if name.is_empty() || name.ends_with('.') || name.contains('*') => None,
        host => Some(host),
    }
}

impl Rule {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some((_, rest)) = text.split_once("://") {
            let host = rest.split('/').next().unwrap_or_default();
            return Err(format!("write {host:?} only"));
        }
        let bare_v6 = text.parse::<std::net::Ipv6Addr>().is_ok();
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !bare_v6 && !port.ends_with(']') => {
                let number = port.parse().ok().filter(|number| *number != 0);
                (host, Some(number.ok_or_else(|| format!("{port:?} is no port"))?))
            }
            _ => (text, None),
        };
        let host = if bare_v6 { format!("[{host}]") } else { host.to_owned() };
        let name = |text: &str| parse_host(text).ok_or_else(|| format!("{text:?} is no name of a host"));
        let what = if let Some(beneath) = host.strip_prefix("*.") {
            match name(beneath)? {
                Host::Domain(parent) => What::Beneath(format!(".{parent}")),
                Host::Ipv4(_) | Host::Ipv6(_) => return Err("nothing is beneath an address".into()),
            }
        } else {
            match name(&host)? {
                Host::Domain(name) => What::Name(name),
                Host::Ipv4(v4) => What::Address(listed(v4.into())?),
                Host::Ipv6(v6) => What::Address(listed(v6.into())?),
            }
        };
        Ok(Self { what, port })
    }

    fn has_port(&self, port: u16) -> bool {
        match self.port {
            Some(own) => own == port,
            None => PORTS.contains(&port),
        }
    }
}

fn listed(ip: IpAddr) -> Result<IpAddr, String> {
    if matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some()) {
        return Err("write it as an IPv4 address".into());
    }
    if ip.is_loopback() || ip.is_unspecified() {
        return Err(
            "to an agent this is its own sandbox; services of this machine are out of its reach".into()
        );
    }
    if is_public(ip) || is_private_network(ip) {
        return Ok(ip);
    }
    Err("neither a public address nor one of a private network".into())
}

impl What {
    fn is(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Name(own), Host::Domain(name)) => own == name,
            (Self::Beneath(parent), Host::Domain(name)) => {
                name.strip_suffix(parent.as_str()).is_some_and(|sub| !sub.is_empty())
            }
            (Self::Address(ip), host) => *host == host_of(*ip),
            (Self::Name(_) | Self::Beneath(_), Host::Ipv4(_) | Host::Ipv6(_)) => false,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Name(name) => f.write_str(name)?,
            What::Beneath(parent) => write!(f, "*{parent}")?,
            What::Address(ip) => write!(f, "{}", host_of(*ip))?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rules: &[&str]) -> AllowList {
        AllowList::parse(rules).expect("a list")
    }

    fn allows(list: &AllowList, host: &str, port: u16) -> bool {
        list.rule_for(&parse_host(host).expect("a host"), port, "hosts").is_ok()
    }

    #[test]
    fn a_name_stands_for_itself_on_the_ports_of_the_web() {
        let list = list(&["crates.io", "localhost.example:8080"]);
        for (host, port) in [("crates.io", 443), ("CRATES.io.", 80), ("localhost.example", 8080)] {
            assert!(allows(&list, host, port), "{host}:{port}");
        }
        for (host, port) in [
            ("crates.io", 22),
            ("index.crates.io", 443),
            ("crates.io.evil.example", 443),
            ("evilcrates.io", 443),
            ("localhost.example", 443),
        ] {
            assert!(!allows(&list, host, port), "{host}:{port}");
        }
    }

    #[test]
    fn a_star_stands_for_what_is_beneath() {
        let list = list(&["*.npmjs.org"]);
        assert!(allows(&list, "registry.npmjs.org", 443) && allows(&list, "a.b.npmjs.org", 443));
        for host in ["npmjs.org", "evilnpmjs.org", "npmjs.org.evil.example", "npmjs.org.evil"] {
            assert!(!allows(&list, host, 443), "{host}");
        }
    }

    #[test]
    fn odd_ways_to_write_an_address_are_that_address() {
        let list = list(&["10.0.0.5"]);
        for odd in ["10.0.0.5", "0xa.0.0.5", "167772165", "10.5", "012.0.0.5"] {
            assert!(allows(&list, odd, 443), "{odd}");
        }
        assert!(!allows(&list, "[::ffff:10.0.0.5]", 443));
    }

    #[test]
    fn rules_that_cannot_mean_what_they_say_are_refused() {
        for rule in [
            "",
            "*",
            "*.",
            "*.10.0.0.5",
            "a.*.b",
            "https://crates.io/",
            "crates.io/path",
            "crates.io:",
            "crates.io:0",
            "crates.io:99999",
            "user@crates.io",
            "127.0.0.1",
            "0.0.0.0",
            "[::1]:80",
            "169.254.169.254",
            "100.100.100.200",
            "fd00:ec2::254",
            "::ffff:1.1.1.1",
            "2130706433",
        ] {
            let refused = AllowList::parse([rule]).expect_err(rule);
            assert_eq!(refused.rule, rule);
        }
        assert_eq!(
            AllowList::parse(["https://crates.io/x"]).expect_err("no host").to_string(),
            "\"https://crates.io/x\" is no host that agents can be allowed to reach: write \"crates.io\" only"
        );
    }

    #[test]
    fn a_private_address_is_reached_only_where_the_list_names_it() {
        let host = parse_host("registry.corp.example").expect("a host");
        let at = |text: &str| text.parse::<SocketAddr>().expect("an address");
        let named = list(&["registry.corp.example", "10.0.0.5"]);
        assert_eq!(named.check_address(&host, at("10.0.0.5:443"), "hosts"), Ok(()));
        let unnamed = list(&["registry.corp.example"]);
        let refused = unnamed.check_address(&host, at("10.0.0.5:443"), "hosts").expect_err("private");
        assert!(
            refused.contains("registry.corp.example is at 10.0.0.5") && refused.contains("`hosts`"),
            "{refused}"
        );
        for never in ["127.0.0.1:443", "169.254.169.254:80", "[::ffff:8.8.8.8]:443", "[::1]:443"] {
            assert!(named.check_address(&host, at(never), "hosts").is_err(), "{never}");
        }
    }
}
