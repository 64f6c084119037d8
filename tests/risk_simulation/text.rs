//! The page: docs/risk-simulation.md.

use super::campaign::{Campaign, WorldResults};
use super::metrics::{Among, count, months};
use super::parameters::{ATTACKS_PER_USER, DAYS, FIRST_DAYS};
use super::table::{self, Stolen};

/// Every table of the page, with what stands around them.
pub fn page(campaign: &Campaign, outcomes: &[WorldResults]) -> String {
    let mut page = String::from(OPENING);
    page += &size(campaign, outcomes);
    page += SESSIONS;
    let of_each =
        |make: &dyn Fn(&WorldResults) -> String| -> String { outcomes.iter().map(make).collect() };
    page += &of_each(&|outcome| table::detection(outcome, Stolen::Session, Among::All));
    page += DEFAULTS;
    page +=
        &of_each(&|outcome| table::defaults(outcome, Stolen::Session) + &table::burden(outcome));
    page += COSTS;
    page += &table::costs(outcomes);
    page += SIGN_INS;
    page += &of_each(&|outcome| table::detection(outcome, Stolen::Password, Among::SignIns));
    page += &of_each(&|outcome| table::defaults(outcome, Stolen::Password));
    page += VISITS;
    page += &table::detection(&outcomes[0], Stolen::Session, Among::Visits);
    page + CLOSING
}

fn size(campaign: &Campaign, outcomes: &[WorldResults]) -> String {
    let rows: String = outcomes
        .iter()
        .map(|outcome| {
            let counts = [Among::All, Among::Visits, Among::SignIns]
                .map(|among| count(outcome, among).to_string());
            let (users, months) = (outcome.users.len(), months(outcome));
            let monthly = count(outcome, Among::All) as f64 / months;
            format!(
                "| {} | {users} | {months:.0} | {} | {monthly:.0} |\n",
                outcome.world.name,
                counts.join(" | ")
            )
        })
        .collect();
    let (seed, users) = (campaign.seed, campaign.users);
    format!(
        "```sh\ncargo xtask sim risk --users {users} --seed {seed}      # writes this page and its plots\n```\n\n\
         {DAYS} days each, of which the first {FIRST_DAYS} are not counted; each attacker \
         steals {ATTACKS_PER_USER} sessions and {ATTACKS_PER_USER} passwords of each user.\n\n\
         *Simulation: how large it is.*\n\n\
         | world | users | user-months | honest events | that open a visit | sign-ins | honest events a user-month |\n\
         |---|---:|---:|---:|---:|---:|---:|\n{rows}\n"
    )
}

const OPENING: &str = "\
# Anomaly scoring, simulated

**This is a simulation.** No real user, site or thief is in it. It shows how the scoring behaves where the worlds
below are like yours, and what it is worth beside simpler rules in the same worlds. It says nothing of how often
anybody is attacked.

";

const SESSIONS: &str = "\
## Stolen sessions

A thief has a session's cookies and uses them once, from a network of their own, five minutes to a day later.
*Naive*: from another country, with their own browser. *VPN*: in the victim's country, with their own browser.
*Targeted*: a residential proxy near the victim, the victim's language, system and family of browser. *Clone*: the
same with the victim's very user agent, as an infostealer's kit copies it, and a TLS client of its own. *Exact
clone*: its TLS client cannot be told from the victim's either, as when a kit built on Chromium plays a Chromium.

**Against an exact clone the address is all there is, and against any clone where the host does not see TLS. Scoring
is no answer to it; binding the session to a key is (DPoP, DBSC).** Every table of attackers has both clones.

The threshold of each method is set where it stops 5, 1 and 0.1 % of the honest events (sign-ins, and refreshes that
rotate); ± is half a 95 % interval over users, the threshold taken as given. A method with few levels is read
between them as if a coin were thrown. Of the honest events of a user-month 1 % is already more than one false
alarm: the last of the three numbers is nearest to what anybody would bear, and to the default thresholds. No method
is the best in every column; read them all.

![Share of stolen sessions stopped, by share of honest events stopped, for each attacker](risk/roc.svg)

";

const DEFAULTS: &str = "\
## At the default thresholds

Step-up from 60, revocation from 97 and only where network and browser are both against it.

![Scores of honest events and of stolen sessions](risk/scores.svg)

";

const COSTS: &str = "\
## Beside rules

What a rule costs where it is used as it is meant: every match stops somebody. (Freeman et al. name no threshold.)

![How often an honest user is stopped a month](risk/costs.svg)

";

const SIGN_INS: &str = "\
## Stolen passwords

The same thieves sign in. There is no session to compare with, so this is harder; the thresholds are those that stop
so many of the honest *sign-ins*, which are few: 0.1 % of them is a handful of events, and that number is coarse. TLS
is not compared at a sign-in, so both clones are one.

";

const VISITS: &str = "\
## Counted harder

Most refreshes follow one from the same place five minutes before; they make a share of events look small. Here only
the first event of every visit is counted among the honest ones.

";

const CLOSING: &str = "\
## What is in it

Everything is made from parameters (`tests/risk_simulation/parameters.rs`: sources in brackets, the rest assumed); no
data set is used or shipped. They were written down before the first result and are not fitted to any.

- **Networks**: lines at home that are renumbered daily or every few weeks, half the changes into another prefix
  (Padmanabhan et al., IMC 2016), /64 and /48 that change; carriers with pools, gateways elsewhere and vague places;
  offices, some behind a security gateway; cafés, hotels, VPNs, relays, Tor. Where an address seems to be is up to
  hundreds of km off.
- **People**: 16 countries, one to four devices, visits by the hour of the day, sign-ins every three weeks, trips
  inland and abroad with phones that roam, computers left open at home, new devices, borrowed ones.
- **Honest noise within a session**: pages asked for as a desktop's, extensions that make up a user agent in every
  visit, proxies and virus scanners that look into TLS now and then, updates every four weeks with laggards, a
  browser put back to its last version, another language, retries, clocks that differ.
- **Worlds**: *base*; *mobile-heavy* (a third has no line at home, 85 % of the visits are a phone's); *travel-heavy*
  (2 trips inland and 0.8 abroad a month).
- **Hosts**: one that sees everything portcullis can use; the same without TLS fingerprints; one that sees the
  address and the user agent only. Honest users pass every step-up, and sign in again where a session was revoked.
- **Baselines**, all with the address, the provider, the country, the place and the user agent of every event of the
  user so far. *IP equality*: the session's address changed (at a sign-in: is new). *Four rules*: new address, new
  country, new device, faster than 805 km/h; the score is how many hold. *New ASN and different user agent*: both,
  or nothing. *Freeman et al.* (NDSS 2016): the likelihood ratio of address and user agent with back-off to network,
  provider, country and to family and form, without data about attackers; with the two sets of weights that did best
  of seven. It has no bounds: it remembers every address of a user for ever and knows everybody's habits beforehand,
  where portcullis has a kilobyte a user and knows nobody else.

## What this simulation cannot say

- What your users are like. Every share is a guess or an average of somebody else's; those of honest noise, which
  decide the false alarms, are the least known. A site whose users change networks or browsers more will ask them
  more.
- What your thieves are like. They come once, alone, at a time of no one's choosing, know nothing of the scoring and
  do not try again. A thief who learns from being refused does better. Nobody tells how the five kinds are mixed, so
  there is no total, and none should be made up.
- Anything of a user whose browser, rather than whose session, is in the thief's hands, or of a thief in the same
  house or office: there is nothing to tell them apart.
- How good the model is where nobody looked. Which honest people it took for thieves, and which thieves for them, was
  seen in these worlds (with other rng than this page's) and mended by reason; no weight was fitted to a figure.
- What a thief does once past the first event. Rotation (docs/rotation.md) sees two who share a session; it is not
  in here.
- Whether step-ups work. Here every honest user passes them, and no thief does.
- How well your platform knows places, VPNs and TLS. Here four of five VPN exits are known as such, and TLS
  fingerprints change with the browser only.
";
