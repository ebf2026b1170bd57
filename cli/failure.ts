/** A failure that the person at the terminal can do something about: its sentence is all that is shown. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** Runs a command; a `Failure` becomes one sentence and exit code 1, anything else is a bug and shows its stack. */
export function explained<Arguments extends unknown[]>(
  command: (...given: Arguments) => Promise<void>,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      await command(...given);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(error.message);
      process.exitCode = 1;
    }
  };
}
