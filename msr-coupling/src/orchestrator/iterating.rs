//! Groups of simulators repeat their window until they agree.

use std::time::Instant;

use super::{Orchestrator, RunError};
use crate::aitken::Aitken;
use crate::exchange::{Exchange, ExchangeState};
use crate::iteration::Group;
use crate::plan::Plan;
use crate::simulator::{SimulatorError, Snapshot};

/// A group at the start of a window.
struct Start {
    simulators: Vec<Snapshot>,
    /// Every connection that reads one of the simulators, by position: what it has sampled counts once.
    exchanges: Vec<(usize, ExchangeState)>,
}

impl Orchestrator {
    /// For each group whose window begins here, finds what its connections would hand over at the end of the window, and
    /// hands that over now. Its simulators stand where they stood: the window itself is made afterwards, as any other.
    pub(super) fn iterate(&mut self) -> Result<(), RunError> {
        let groups = std::mem::take(&mut self.plan.groups);
        let outcome = groups.iter().enumerate().try_for_each(|(position, group)| {
            if self.idts == self.grid.steps || !self.idts.is_multiple_of(group.ndts) {
                return Ok(());
            }
            let repetitions = loop {
                if let Some(repetitions) = self.agree(group)? {
                    break repetitions;
                }
            };
            self.iterations[position].add(repetitions);
            Ok(())
        });
        self.plan.groups = groups;
        outcome
    }

    /// Repeats the window of a group until its simulators agree. Gives the number of repetitions, or `None` where neurons
    /// were excluded on the way: the simulators stand at the start of the window without them then.
    ///
    /// A guess by which something fails is no solution, and says nothing against the one that is looked for: half of the way
    /// to it is tried. Neurons are excluded where they fail by what was handed over at the start of the window, or where no
    /// guess is left by which they do not.
    fn agree(&mut self, group: &Group) -> Result<Option<u64>, RunError> {
        let settings = &group.settings;
        let start = self.start_of(group).map_err(|source| RunError::simulator(self.time_ms(), source))?;
        // What was handed over at the start of the window is the first guess.
        let mut guess = self.handed_over(&group.backward);
        let mut aitken = Aitken::new(settings.relaxation);
        let mut scales = Vec::new();
        let mut worst = (0, 0.0);
        // The last guess by which nothing failed, and what failed since.
        let mut good = guess.clone();
        let mut failed = None;
        for repetition in 1..=settings.max_iterations {
            self.guessing = repetition > 1;
            let outcome = self.assume(&group.backward, &guess).and_then(|()| self.repeat_window(group));
            self.guessing = false;
            let answer = self.handed_over(&group.backward);
            let forward = self.handed_over(&group.forward);
            self.return_to(group, &start).map_err(|source| RunError::simulator(self.time_ms(), source))?;
            match outcome {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) if repetition == 1 => return Err(error),
                Err(error) => {
                    failed = Some(error);
                    aitken.halve();
                    halfway(&mut guess, &good);
                    continue;
                }
            }
            failed = None;
            good.clone_from(&guess);
            worst = most_changed(&guess, &answer);
            if worst.1 <= settings.tolerance {
                self.assume(&group.backward, &guess)?;
                self.assume(&group.forward, &forward)?;
                return Ok(Some(repetition));
            }
            if scales.is_empty() {
                scales = guess.iter().zip(&answer).map(|(guess, answer)| largest(guess).max(largest(answer))).collect();
            }
            relax(&mut guess, &answer, &scales, &mut aitken);
        }
        match failed {
            Some(RunError::Aborted { failures, .. }) => {
                return if self.take_out(failures)? { Ok(None) } else { Err(self.no_agreement(group, worst)) };
            }
            Some(error) => return Err(error),
            None => {}
        }
        Err(self.no_agreement(group, worst))
    }

    /// `worst` is the connection that changes most, by its position among the backward ones, and by how much it does.
    fn no_agreement(&self, group: &Group, worst: (usize, f64)) -> RunError {
        let settings = &group.settings;
        let names = group.members.iter().map(|&member| self.plan.simulators[member].name().to_owned());
        RunError::NoAgreement {
            time_ms: self.time_ms(),
            simulators: names.collect(),
            key: self.plan.exchanges[group.backward[worst.0]].connection.key.clone(),
            repetitions: settings.max_iterations,
            change: worst.1,
            tolerance: settings.tolerance,
        }
    }

    /// Advances the members one after another to the end of the window; what goes forward is handed on at once. Whether
    /// all came to the end: not where neurons were excluded.
    fn repeat_window(&mut self, group: &Group) -> Result<bool, RunError> {
        let until = (self.idts + group.ndts).min(self.grid.steps);
        for &member in &group.members {
            let begun = Instant::now();
            let Plan { simulators, exchanges, .. } = &mut self.plan;
            let outcome = self.sampling.advance(&mut *simulators[member], member, until, exchanges);
            self.times.simulators[member].1 += begun.elapsed();
            match outcome {
                Ok(()) => {}
                Err(SimulatorError::Neurons { simulator, failures }) => {
                    if self.take_out(failures)? {
                        return Ok(false);
                    }
                    return Err(RunError::Stuck { time_ms: self.time_ms(), simulator });
                }
                Err(source) => return Err(RunError::simulator(self.time_ms(), source)),
            }
            for &position in group.forward.iter().chain(&group.backward) {
                if self.plan.exchanges[position].source == member {
                    self.gather(position)?;
                }
            }
            for &position in &group.forward {
                if self.plan.exchanges[position].source == member {
                    self.deliver(position)?;
                }
            }
        }
        Ok(true)
    }

    /// What each of these connections handed over or gathered last.
    fn handed_over(&self, connections: &[usize]) -> Vec<Vec<f64>> {
        connections.iter().map(|&position| self.plan.exchanges[position].values().to_vec()).collect()
    }

    /// Lets connections hand over these values.
    fn assume(&mut self, connections: &[usize], values: &[Vec<f64>]) -> Result<(), RunError> {
        for (&position, values) in connections.iter().zip(values) {
            self.plan.exchanges[position].assume(values);
            self.deliver(position)?;
        }
        Ok(())
    }

    fn start_of(&self, group: &Group) -> Result<Start, SimulatorError> {
        let simulators = group.members.iter().map(|&member| self.plan.simulators[member].snapshot());
        let reads = |(_, exchange): &(usize, &Exchange)| group.members.contains(&exchange.source);
        let exchanges = self.plan.exchanges.iter().enumerate().filter(reads);
        Ok(Start {
            simulators: simulators.collect::<Result<_, _>>()?,
            exchanges: exchanges.map(|(position, exchange)| (position, exchange.state())).collect(),
        })
    }

    /// Everything of a group as it was, but for neurons that have been excluded since.
    fn return_to(&mut self, group: &Group, start: &Start) -> Result<(), SimulatorError> {
        let excluded: Vec<u64> = self.excluded.iter().map(|exclusion| exclusion.neuron).collect();
        for (&member, snapshot) in group.members.iter().zip(&start.simulators) {
            self.plan.simulators[member].restore(snapshot)?;
            if !excluded.is_empty() {
                self.plan.simulators[member].exclude(&excluded)?;
            }
        }
        for (position, state) in &start.exchanges {
            self.plan.exchanges[*position].restore(state);
        }
        Ok(())
    }
}

/// The connection whose values differ most from the guess, and by how much, relative to its largest value.
fn most_changed(guess: &[Vec<f64>], answer: &[Vec<f64>]) -> (usize, f64) {
    let change = |(guess, answer): (&Vec<f64>, &Vec<f64>)| {
        let difference = guess.iter().zip(answer).map(|(guess, answer)| (answer - guess).abs()).fold(0.0, f64::max);
        if difference > 0.0 { difference / largest(guess).max(largest(answer)) } else { 0.0 }
    };
    let changes = guess.iter().zip(answer).map(change).enumerate();
    changes.max_by(|left, right| left.1.total_cmp(&right.1)).unwrap_or_default()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

/// Moves a guess half of the way back to one that is known to be possible.
fn halfway(guess: &mut [Vec<f64>], good: &[Vec<f64>]) {
    for (guess, good) in guess.iter_mut().flatten().zip(good.iter().flatten()) {
        *guess = 0.5 * (*guess + good);
    }
}

/// Moves a guess towards the answer. Connections count alike, whatever their units.
fn relax(guess: &mut [Vec<f64>], answer: &[Vec<f64>], scales: &[f64], aitken: &mut Aitken) {
    let mut residual = Vec::new();
    for ((guess, answer), &scale) in guess.iter().zip(answer).zip(scales) {
        let scale = if scale > 0.0 { scale } else { 1.0 };
        residual.extend(guess.iter().zip(answer).map(|(guess, answer)| (answer - guess) / scale));
    }
    let factor = aitken.factor(&residual);
    for (guess, answer) in guess.iter_mut().zip(answer) {
        for (guess, answer) in guess.iter_mut().zip(answer) {
            *guess += factor * (answer - *guess);
        }
    }
}
