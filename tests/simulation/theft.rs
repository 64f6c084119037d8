//! Thieves with a copy of the cookie jar, while the victim continues: in four orders of events.
//!
//! No message is lost and all clocks agree, because this measures how soon a theft ends.

use super::cookie_jar::CookieJar;
use super::ground_truth::headers;
use super::ring::Ring;
use super::rng::Rng;
use super::scenario::{HOUR, SECOND, Setup, Thief};
use super::users::facts;
use super::world::START;
use portcullis::decide::{
    ATTEMPT_BYTES, Decision, INITIAL_ENTROPY_BYTES, InitialEntropyInput, Operation, Outcome,
    SessionEventKind, SignIn, decide,
};
use portcullis::foundation::secret::Entropy;
use portcullis::foundation::time::Timestamp;

/// The lifetime of an access token, in milliseconds.
pub const LIFE: u64 = 300 * SECOND;
/// The observed time of a theft: 96 access-token lifetimes.
const HORIZON: u64 = 8 * HOUR;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveOrder {
    ThiefFirst,
    VictimFirst,
    ThiefLate,
    AgainAndAgain,
}

pub const ORDERS: [(MoveOrder, &str); 4] = [
    (MoveOrder::ThiefFirst, "thief first"),
    (MoveOrder::VictimFirst, "victim first"),
    (MoveOrder::ThiefLate, "thief late"),
    (MoveOrder::AgainAndAgain, "again and again inside the window"),
];

/// The result of a theft.
#[derive(Debug, Clone, Copy, Default)]
pub struct Theft {
    /// The time from the thief's first request to the alarm.
    pub caught_after: Option<u64>,
    /// The time from the thief's first request to the expiry of the thief's last access token,
    /// where no alarm came before. 0 if the thief got none.
    pub served_for: u64,
    pub refreshes: u64,
    /// An alarm before the thief did anything.
    pub false_alarm: bool,
}

struct Party {
    jar: CookieJar,
    thief: Option<Thief>,
    /// The time of its next request, or never once it was rejected.
    next: u64,
    access_ends: u64,
}

struct TheftRun {
    ring: Ring,
    record: Option<Vec<u8>>,
    now: u64,
    rng: Rng,
    jitter: bool,
    /// The longest pause of the victim after its access token expires.
    pause: u64,
    alarm: bool,
    theft: Theft,
}

/// Runs one theft. With `None` there is no theft, so that any alarm is false.
pub fn run(seed: u64, order: MoveOrder, thief: Option<Thief>, jitter: bool) -> Theft {
    let mut stage = TheftRun::new(seed, jitter);
    // A clone refreshes in step, which is hardest to detect if the victim is punctual.
    stage.pause =
        if thief == Some(Thief::Clone) || seed.is_multiple_of(2) { 0 } else { 60 * SECOND };
    let mut victim =
        Party { jar: CookieJar::default(), thief: None, next: u64::MAX, access_ends: 0 };
    stage.sign_in(&mut victim);
    let spent_before = stage.rng.below(6);
    for _ in 0..spent_before {
        stage.now = victim.next;
        stage.refresh(&mut victim);
    }
    // The jar is copied while its access token is valid.
    let mut robber =
        Party { jar: victim.jar.clone(), thief, next: u64::MAX, access_ends: victim.access_ends };
    let copied = stage.now;
    if thief.is_some() {
        robber.next = stage.first_request(order, copied, &victim, thief);
    }
    let (first, end) = (robber.next, copied + HORIZON);
    while stage.now < end && !stage.alarm && victim.next.min(robber.next) < end {
        stage.now = victim.next.min(robber.next);
        if victim.next <= robber.next {
            stage.refresh(&mut victim);
        } else {
            stage.refresh(&mut robber);
            if order == MoveOrder::AgainAndAgain && robber.next != u64::MAX {
                robber.next = stage.now + stage.rng.between(SECOND, 8 * SECOND);
            }
            stage.theft.served_for =
                stage.theft.served_for.max(robber.access_ends.saturating_sub(first));
        }
    }
    stage.theft.false_alarm = stage.alarm && stage.now < first;
    stage.theft.caught_after = stage.alarm.then(|| stage.now.saturating_sub(first.min(stage.now)));
    stage.theft
}

impl TheftRun {
    fn new(seed: u64, jitter: bool) -> Self {
        let setup = Setup { access_ttl: LIFE, ..Setup::calm(1) };
        let mut rng = Rng::new(seed.wrapping_mul(0x9e37_79b9).wrapping_add(7));
        let now = START + rng.below(HOUR);
        Self {
            ring: Ring::first(&setup),
            record: None,
            now,
            rng,
            jitter,
            pause: 0,
            alarm: false,
            theft: Theft::default(),
        }
    }

    /// When the thief comes for the first time.
    fn first_request(
        &mut self,
        order: MoveOrder,
        copied: u64,
        victim: &Party,
        thief: Option<Thief>,
    ) -> u64 {
        let rng = &mut self.rng;
        let ahead = if thief == Some(Thief::Clone) { 9 * SECOND } else { LIFE };
        match order {
            MoveOrder::ThiefFirst => {
                victim.next.saturating_sub(rng.between(10, ahead)).max(copied + 1)
            }
            MoveOrder::VictimFirst => victim.next + rng.between(10, ahead),
            MoveOrder::ThiefLate => copied + rng.between(HOUR / 2, 6 * HOUR),
            MoveOrder::AgainAndAgain => victim.next + rng.between(10, SECOND),
        }
    }

    fn decide(&mut self, operation: &Operation) -> Decision {
        let mut entropy = self.rng.bytes(ATTEMPT_BYTES);
        if !self.jitter {
            // These four bytes give the jitter of the expiry time: see
            // formats/token/access_token.rs.
            entropy[40..44].fill(0);
        }
        let now = Timestamp::from_ms(self.now);
        let decision = decide(
            &self.ring.site,
            operation,
            self.record.as_deref(),
            now,
            &mut Entropy::new(entropy),
        );
        let mut decision = decision.expect("a decision");
        if let Some(write) = decision.write.take() {
            self.record = Some(write.value);
        }
        self.alarm |=
            decision.events.iter().any(|event| event.kind == SessionEventKind::ReuseDetected);
        decision
    }

    fn sign_in(&mut self, party: &mut Party) {
        let operation = Operation::SignIn(SignIn {
            request_context: None,
            step_up_verified: false,
            request: facts(false, ""),
            subject: "user-1".to_owned(),
            data: None,
            claims: None,
            jkt: None,
            acr: None,
            amr: Vec::new(),
            label: None,
            initial_entropy: InitialEntropyInput::new(self.rng.bytes(INITIAL_ENTROPY_BYTES)),
        });
        let decision = self.decide(&operation);
        self.handle_response(party, &decision.outcome);
    }

    /// Refreshes as the client of a page does: when the access token expires, and again shortly
    /// after a 409.
    fn refresh(&mut self, party: &mut Party) {
        let foreign = party.thief == Some(Thief::Foreign);
        let operation = Operation::Refresh {
            request_context: None,
            request: facts(foreign, &party.jar.header(self.now)),
        };
        self.theft.refreshes += 1;
        let decision = self.decide(&operation);
        self.handle_response(party, &decision.outcome);
    }

    fn handle_response(&mut self, party: &mut Party, outcome: &Outcome) {
        if let Some(set) = headers(outcome) {
            party.jar.apply(set, self.now);
        }
        let latency = self.rng.between(50, 300);
        party.next = match outcome {
            Outcome::SignedIn { .. } | Outcome::Refreshed { .. } => {
                party.access_ends = self.use_it(party);
                let pause = if party.thief.is_none() { self.rng.below(self.pause + 1) } else { 0 };
                party.access_ends.max(self.now) + latency + pause
            }
            Outcome::Rejected(rejection) if rejection.status == 409 => {
                self.now + self.rng.between(SECOND, 4 * SECOND)
            }
            _ => u64::MAX,
        };
    }

    /// Records the first use of the new access token. Gives the token's expiry time.
    fn use_it(&mut self, party: &Party) -> u64 {
        let request = facts(party.thief == Some(Thief::Foreign), &party.jar.header(self.now));
        let now = Timestamp::from_ms(self.now);
        let mut room = Vec::new();
        let verified = portcullis::decide::authenticate(&self.ring.site, &request, now, &mut room);
        let Ok(Ok(good)) = verified else { return self.now };
        let (session_id, exp) = (good.claims.sid.clone().into_owned(), good.claims.exp);
        let generation = good.claims.generation;
        self.decide(&Operation::Confirm { session_id, generation });
        exp * 1000
    }
}
