/** What the steps of an erasure need, and what each says at its end. */
import type { Erasure } from "../../shared/domain/erasure.ts";
import type { IdSecret } from "../../shared/domain/ids.ts";
import type {
  Cancellations,
  Claims,
  Clock,
  Contacts,
  Cursors,
  DeadLetterBox,
  ErasedPlaces,
  Erasures,
  LogReader,
  Mailbox,
  Projections,
  Random,
  RemovableObjects,
} from "../../shared/ports.ts";

export interface Ports {
  table: LogReader & Contacts & Cursors & Pick<Claims, "claim"> & Cancellations & Restored;
  erasures: Erasures;
  places: ErasedPlaces;
  objects: RemovableObjects;
  deadLetters: DeadLetterBox;
  mailbox: Mailbox;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
  /** Names of the helpdesks that are configured. */
  desks: readonly string[];
}

/** What a new beginning brings back that was taken away with the old. */
type Restored = Pick<Projections, "putContact" | "putAlias">;

/** What comes of a step in one invocation: the next step, or this one again after so many seconds. */
type Stepped = { erasure: Erasure; afterSeconds?: number };

/** @param until when this invocation is to come to an end (ms since 1970) */
export type TakeStep = (erasure: Erasure, until: number, ports: Ports) => Promise<Stepped>;
