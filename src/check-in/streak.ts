/** What a day was for a member. `pending` is today, while it may still be done. */
export type DayState = 'done' | 'exempt' | 'missed' | 'pending';

export interface Streak {
  /** Done days in the run that reaches today or yesterday. */
  current: number;
  longest: number;
  /** Done days in all. */
  done: number;
  /** The run started after an earlier one was broken. */
  comeback: boolean;
}

/**
 * Folds the days of a campaign, oldest first and today last, into streaks
 * (CHECKIN-AND-POINTS 2.6). Exempt days bridge a run and add nothing; a
 * pending today breaks nothing; a long absence breaks once.
 */
export function streakOf(days: readonly DayState[]): Streak {
  let current = 0;
  let longest = 0;
  let done = 0;
  for (const day of days) {
    if (day === 'done') {
      current += 1;
      done += 1;
    } else if (day === 'missed') current = 0;
    longest = Math.max(longest, current);
  }
  return { current, longest, done, comeback: current === 1 && done > 1 };
}
