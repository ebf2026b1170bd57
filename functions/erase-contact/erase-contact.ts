/**
 * erase-contact: takes one contact out of every place, step by step, over as many invocations as it takes. Every step
 * may be repeated, and is kept before the next one begins: whatever crashes, the erasure goes on where it was.
 */
import type { Erasure, Step } from "../../shared/domain/erasure.ts";
import { log } from "../../shared/log.ts";
import type { Next } from "../../shared/ports.ts";
import { announce } from "./announce.ts";
import { empty } from "./empty.ts";
import { open } from "./open.ts";
import type { Ports, TakeStep } from "./ports.ts";
import { remove } from "./remove.ts";
import { search } from "./search.ts";
import { settle } from "./settle.ts";
import { tell } from "./tell.ts";

/** An invocation may take twice that. */
const WORKING_MS = 60_000;
const OTHER_WORKER_SECONDS = 5;

/** The words go last: until then whoever has to find what hangs on them can still read them. */
const TAKE: Record<Exclude<Step, "done">, TakeStep> = { settle, announce, tell, search, open, empty, remove };

/** @throws WorldFault: the same erasure again later */
export async function eraseContact(id: string, ports: Ports): Promise<Next> {
  const until = ports.clock.now() + WORKING_MS;
  for (let erasure = await ports.erasures.erasure(id); ; ) {
    if (!erasure) {
      log("error", "erasure_unknown", { erasure: id });
      return { kind: "done" };
    }
    if (erasure.step === "done") return { kind: "done" };
    const stepped = await TAKE[erasure.step](erasure, until, ports);
    const next: Erasure = { ...stepped.erasure, version: erasure.version + 1 };
    if (!(await ports.erasures.putErasure(next))) return { kind: "retry", afterSeconds: OTHER_WORKER_SECONDS };
    if (stepped.afterSeconds !== undefined) return { kind: "retry", afterSeconds: stepped.afterSeconds };
    if (ports.clock.now() >= until) return { kind: "retry", afterSeconds: 0 };
    erasure = next;
  }
}
