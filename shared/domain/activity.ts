/**
 * Where a log stands in the index of activity: at the time of its last activity, before the next one; times of one width,
 * so that they sort as text.
 */
export interface Activity {
  /** Ms since 1970. */
  at: number;
  log: string;
}

export function activityKey({ at, log }: Activity): string {
  return `${activityTime(at)}#${log}`;
}

/** Before all logs with an activity of that time, behind all with an earlier one. */
export function activityTime(at: number): string {
  return String(at).padStart(13, "0");
}

export function readActivity(key: string): Activity {
  const [at, log = ""] = key.split("#");
  return { at: Number(at), log };
}
