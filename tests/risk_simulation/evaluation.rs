//! Evaluates one user: the events as three sites and the baselines judge them, and the attacks.

use super::attackers::{ATTACKERS, KINDS};
use super::event_log::{ObservedRequest, SimulatedEvent, generate_events};
use super::freeman_model::{self, FeatureCounts};
use super::parameters::*;
use super::rng::Rng;
use super::rules::BaselineRules;
use super::scored_site::{SITES, Site, SiteVerdict};
use super::users::SimulatedUser;
use portcullis::risk::{RiskAction, RiskEventKind};

/// Number of methods: the three sites, then the baselines.
pub const METHODS: usize = 8;
/// Number of methods that are sites with portcullis.
pub const PORTCULLIS: usize = 3;
pub const NAMES: [&str; METHODS] = [
    "portcullis, all signals",
    "portcullis, without TLS",
    "portcullis, IP and user agent only",
    "IP equality",
    "four rules (Okta-like)",
    "new ASN and different user agent",
    "Freeman et al. 2016, even weights",
    "Freeman et al. 2016, steep weights",
];

/// One event with the verdict of every method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub scores: [f32; METHODS],
    /// Score from 0 to 100 on the site with all signals.
    pub score: f32,
    /// Action of each site at the default thresholds.
    pub actions: [RiskAction; PORTCULLIS],
    pub is_sign_in: bool,
    pub opens_visit: bool,
}

/// The results of one user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserResults {
    pub honest: Vec<Sample>,
    /// Samples of each attacker, with a stolen session and with a stolen password.
    pub thefts: [Vec<Sample>; KINDS],
    pub intrusions: [Vec<Sample>; KINDS],
    /// Step-ups and revocations of each site, within the counted days.
    pub step_ups: [u32; PORTCULLIS],
    pub revoked: [u32; PORTCULLIS],
    /// Step-ups of each site in the first days.
    pub step_ups_at_first: [u32; PORTCULLIS],
    pub revoked_at_first: [u32; PORTCULLIS],
}

/// One attack on the user.
struct Attack {
    at: u64,
    attacker: usize,
    /// Event that shows the victim to the attacker; for a session the event at which the session
    /// was stolen.
    victim: usize,
    with_session: bool,
}

struct Evaluation<'a> {
    sites: [Site; PORTCULLIS],
    rules: BaselineRules,
    history: FeatureCounts,
    everybody: &'a FeatureCounts,
    /// Time of the last event of each device.
    last: Vec<u64>,
}

pub fn evaluate_user(
    seed: u64,
    number: u64,
    world: &WorldParameters,
    everybody: &FeatureCounts,
) -> UserResults {
    let person = SimulatedUser::generate(seed, number, world);
    let events = generate_events(seed, &person, world);
    let devices = person.devices.len();
    let mut watch = Evaluation {
        sites: SITES.map(|sees| Site::new(sees, number, devices)),
        rules: BaselineRules::new(devices),
        history: FeatureCounts::default(),
        everybody,
        last: vec![0; devices],
    };
    let mut fate = UserResults::default();
    let mut attacks = attacks(seed, &person, &events).into_iter().peekable();
    for event in &events {
        while let Some(attack) = attacks.next_if(|attack| attack.at <= event.at) {
            watch.attacked(seed, &attack, &events[attack.victim], &person, &mut fate);
        }
        watch.honest(event, &mut fate);
    }
    fate
}

/// Draws the attacks. Victims are drawn from the user's own events, so attacks happen while the
/// user is active.
fn attacks(seed: u64, person: &SimulatedUser, events: &[SimulatedEvent]) -> Vec<Attack> {
    let chance = &mut Rng::from_seed(&[seed, person.number, 16]);
    let from = events.partition_point(|event| event.at < START + FIRST_DAYS * DAY);
    let with_count = events.len() - from;
    let mut attacks = Vec::new();
    for attacker in
        (0..KINDS).flat_map(|attacker| [attacker; ATTACKS_PER_USER]).filter(|_| with_count > 0)
    {
        let (least, most) = THEFT_MINUTES;
        let minutes = chance.between(least.ln(), most.ln()).exp();
        let delays = [(minutes * MINUTE as f64, true), (chance.next_unit() * DAY as f64, false)];
        for (delay, with_session) in delays {
            let victim = from + chance.index_below(with_count);
            attacks.push(Attack {
                at: events[victim].at + delay as u64,
                attacker,
                victim,
                with_session,
            });
        }
    }
    attacks.sort_by_key(|attack| (attack.at, attack.attacker));
    attacks
}

impl Evaluation<'_> {
    fn honest(&mut self, event: &SimulatedEvent, fate: &mut UserResults) {
        let baselines = self.baselines(event.kind, event.device, &event.request, event.at);
        let said = [0, 1, 2].map(|site: usize| self.sites[site].honest(event));
        let is_counted = event.at >= START + FIRST_DAYS * DAY;
        let (asked, revoked) = match is_counted {
            true => (&mut fate.step_ups, &mut fate.revoked),
            false => (&mut fate.step_ups_at_first, &mut fate.revoked_at_first),
        };
        for (site, said) in said.iter().enumerate() {
            asked[site] += said.asked_step_up;
            revoked[site] += u32::from(said.action == RiskAction::Revoke);
        }
        if is_counted {
            let (is_sign_in, opens_visit) =
                (event.kind == RiskEventKind::SignIn, event.opens_visit);
            fate.honest.push(Sample { is_sign_in, opens_visit, ..sample(said, baselines) });
        }
        self.rules.learn(event);
        self.history.add(&event.request);
        self.last[event.device] = event.at;
    }

    fn attacked(
        &self,
        seed: u64,
        attack: &Attack,
        victim: &SimulatedEvent,
        person: &SimulatedUser,
        fate: &mut UserResults,
    ) {
        let Attack { at, attacker, .. } = *attack;
        let rng = &mut Rng::from_seed(&[seed, person.number, at, 17]);
        let seen = ATTACKERS[attacker].0.shows(rng, person, victim, at);
        if attack.with_session {
            fate.thefts[attacker].extend(self.theft(victim, &seen, at));
        } else {
            fate.intrusions[attacker].push(self.intrusion(&seen, at));
        }
    }

    /// Judges a theft. `None` where the session has ended on a site since.
    fn theft(&self, victim: &SimulatedEvent, seen: &ObservedRequest, at: u64) -> Option<Sample> {
        let refreshes = 1 + u32::from(at.saturating_sub(self.last[victim.device]) < ACCESS_TTL);
        let said = [0, 1, 2].map(|site: usize| {
            self.sites[site].theft(victim.device, victim.at, refreshes, seen, at)
        });
        let [Some(all), Some(no_tls), Some(little)] = said else { return None };
        Some(sample(
            [all, no_tls, little],
            self.baselines(RiskEventKind::Refresh, victim.device, seen, at),
        ))
    }

    fn intrusion(&self, seen: &ObservedRequest, at: u64) -> Sample {
        let said = [0, 1, 2].map(|site: usize| self.sites[site].intrusion(seen, at));
        sample(said, self.baselines(RiskEventKind::SignIn, usize::MAX, seen, at))
    }

    fn baselines(
        &self,
        kind: RiskEventKind,
        device: usize,
        seen: &ObservedRequest,
        at: u64,
    ) -> [f32; METHODS - PORTCULLIS] {
        let verdicts = self.rules.judge(kind, device, seen, at);
        let [even, steep] =
            freeman_model::judge(&self.history, self.everybody, seen).map(|score| score as f32);
        [verdicts.address, verdicts.four, verdicts.two, even, steep]
    }
}

fn sample(
    said: [SiteVerdict; PORTCULLIS],
    [address, four, two, even, steep]: [f32; METHODS - PORTCULLIS],
) -> Sample {
    let [all, no_tls, little] = said.map(|said| said.evidence as f32);
    Sample {
        scores: [all, no_tls, little, address, four, two, even, steep],
        score: said[0].score as f32,
        actions: said.map(|said| said.action),
        is_sign_in: false,
        opens_visit: false,
    }
}
