//! Writes the prose of docs/risk-simulation.md around the tables and plots.

use super::campaign::{Campaign, WorldResults};
use super::metrics::{Among, count, months};
use super::parameters::{ATTACKS_PER_USER, DAYS, FIRST_DAYS};
use super::table::{self, Stolen};

/// The whole page: every table with the prose around it.
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
        "```sh\ncargo xtask sim risk --users {users} --seed {seed}      # writes this \
         page and its plots\n```\n\n\
         {DAYS} days each, of which the first {FIRST_DAYS} are not counted; each attacker \
         steals {ATTACKS_PER_USER} sessions and {ATTACKS_PER_USER} passwords of each user.\n\n\
         *Simulation: size.*\n\n\
         | world | users | user-months | honest events | that open a visit | sign-ins \
         | honest events a user-month |\n\
         |---|---:|---:|---:|---:|---:|---:|\n{rows}\n"
    )
}

const OPENING: &str = "\
# Anomaly scoring, simulated

**This is a simulation.** It contains no real user, site or thief. It shows how anomaly scoring
behaves if your site resembles the simulated worlds, and how it compares with simpler rules in these
worlds. It does not show how often attacks happen.

";

const SESSIONS: &str = "\
## Stolen sessions

A thief has the cookies of a session and uses them once, from another network, between five minutes
and a day after the theft. There are five kinds of thieves:

- *Naive*: in another country, with another browser.
- *VPN*: in the victim's country through a VPN, with another browser.
- *Targeted*: behind a residential proxy near the victim, with the victim's language, system and
  browser family.
- *Clone*: as targeted, with the victim's exact user agent, as an infostealer copies it, and another
  TLS client.
- *Exact clone*: as a clone, with a TLS client that cannot be distinguished from the victim's, as
  when a tool built on Chromium imitates Chromium.

**Against an exact clone only the address remains as evidence. The same is true of every clone if
the host does not see TLS. Scoring is no protection against such a thief; binding the session to a
key is (DPoP, DBSC).** Every table of attackers shows both clones.

The threshold of each method is set so that it stops 5, 1 and 0.1 % of the honest events (sign-ins,
and refreshes that rotate). The value after ± is half of the 95 % interval over users, for a fixed
threshold. For a method with few levels, events at the threshold are stopped with the matching
probability. A rate of 1 % already means more than one false alarm per user-month, so the third
number is closest to a usable setting and to the default thresholds. No method is the best in every
column.

![Share of stolen sessions stopped, by share of honest events stopped, per attacker](risk/roc.svg)

";

const DEFAULTS: &str = "\
## Results at the default thresholds

A step-up is required from a score of 60. A session is revoked from a score of 97, if both the
network and the browser are evidence against it.

![Scores of honest events and of stolen sessions](risk/scores.svg)

";

const COSTS: &str = "\
## Comparison with rules

This table shows the cost of each rule in its intended use, in which every match stops the user.
(Freeman et al. define no threshold.)

![How often an honest user is stopped a month](risk/costs.svg)

";

const SIGN_INS: &str = "\
## Stolen passwords

The same thieves sign in with a stolen password. This is harder to detect, because there is no
session to compare with. The thresholds stop 5, 1 and 0.1 % of the honest *sign-ins*. There are few
of them, so 0.1 % is a handful of events and the third number is imprecise. TLS clients are not
compared at a sign-in, so both clones are equal there.

";

const VISITS: &str = "\
## Results by visits

Most refreshes follow another one from the same place five minutes earlier. They are easy to accept
and make every rate look lower. In this table only the first event of each visit counts as an honest
event.

";

const CLOSING: &str = "\
## The simulated worlds

Everything is computed from parameters in `tests/risk_simulation/parameters.rs`, which names their
sources; parameters without a source are assumed. No data set is used or shipped. The parameters
were written before the first result and are not fitted to any result.

- **Networks**: home lines that are renumbered daily or every few weeks, half of the changes into
  another prefix (Padmanabhan et al., IMC 2016), with changing /64 and /48 prefixes; mobile carriers
  with address pools, remote gateways and imprecise locations; offices, some of them behind a
  security gateway; cafés, hotels, VPNs, relays and Tor. The location of an address is wrong by up
  to hundreds of km.
- **Users**: 16 countries, one to four devices each, visits by the hour of the day, a sign-in every
  three weeks, trips within the country and abroad with roaming phones, computers left open at home,
  new and borrowed devices.
- **Honest changes within a session**: desktop pages requested on a phone, extensions that send
  another user agent at every visit, proxies and virus scanners that sometimes inspect TLS, updates
  every four weeks with delays, a browser reset to its previous version, another language, retries,
  and clocks that differ.
- **Worlds**: *base*; *mobile-heavy* (a third of the users have no home line, and 85 % of the visits
  are on a phone); *travel-heavy* (2 trips within the country and 0.8 abroad a month).
- **Hosts**: one that passes every signal that portcullis can use; one without TLS fingerprints; one
  that passes only the address and the user agent. Honest users pass every step-up, and sign in
  again after a revocation.
- **Baselines**: each sees the address, provider, country, location and user agent of every earlier
  event of the user. *IP equality*: the address of the session has changed, or at a sign-in is new.
  *Four rules*: new address, new country, new device, and faster than 805 km/h; the score is the
  number of matches. *New ASN and different user agent*: both must match. *Freeman et al.* (NDSS
  2016): the likelihood ratio of address and user agent, with back-off to network, provider and
  country, and to browser family and device form, without data about attackers. The two best of
  seven sets of weights are shown. This model has no limits: it remembers every address of a user
  and knows the habits of all users in advance, while portcullis stores one kilobyte per user and
  knows no other user.

## Limits of this simulation

- Your users may differ. Every share is a guess or an average of other populations. The shares of
  honest changes determine the false alarms and are the least certain. A site whose users change
  networks or browsers more often will require more step-ups.
- Your thieves may differ. The simulated thieves come once, alone and at a random time, do not know
  the scoring, and do not try again. A thief who learns from rejections is more successful. The mix
  of the five kinds is unknown, so there is no total.
- The simulation has no thief who controls the victim's browser instead of a stolen session, and
  none in the victim's home or office. No signal distinguishes such a thief from the victim.
- The model was developed in these worlds, with other random seeds than the one of this page. Errors
  that became visible there were corrected by reasoning, and no weight was fitted to a figure. In
  other worlds the model may be worse.
- Only the first event of a thief counts. Refresh token rotation (docs/rotation.md), which detects
  two users of one session, is not simulated.
- The simulation does not test step-ups: every honest user passes them and no thief does.
- Your platform may know locations, VPNs and TLS clients better or worse. Here four of five VPN
  exits are known as such, and TLS fingerprints change only with the browser.
";
