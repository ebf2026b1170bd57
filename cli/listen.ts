/** `recado listen`: passes events on to a receiver on this machine, signed as a subscription's are. */
import { randomBytes } from "node:crypto";
import type { Envelope } from "../shared/domain/envelope.ts";
import { signatureHeaders } from "../shared/http/standard-webhooks.ts";
import type { Access } from "./api.ts";
import { eventLine, printable } from "./event-line.ts";
import { Failure } from "./failure.ts";
import { type Followed, follow } from "./follow.ts";

export interface ListenOptions extends Access, Followed {
  forwardTo: string;
  /** Of an earlier run, so that the receiver need not be told another. */
  secret?: string;
}

/** A receiver that takes longer is too slow for a real subscription as well. */
const PATIENCE_MS = 15_000;
const SECRET_BYTES = 24;

/**
 * Until the process is stopped; events one after another, each once, whatever the receiver answers. At a terminal
 * each is a line in words, in a pipe JSON: `id`, `type`, `status` (null where there was no answer), `ms`, `error`.
 * @throws Failure when the API cannot be reached or refuses, or there is no such type
 */
export async function listen({ forwardTo, type, secret, conversation, ...access }: ListenOptions): Promise<void> {
  process.stdout.on("error", () => process.exit(0));
  if (!/^https?:$/.test(URL.canParse(forwardTo) ? new URL(forwardTo).protocol : ""))
    throw new Failure(`${printable(forwardTo)} is no address to forward to, such as http://localhost:4000/webhooks.`);
  const signing = secret ?? `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
  const isTerminal = process.stdout.isTTY;
  // Beside the output, so that a pipe has events alone.
  const ready = () => {
    console.error(`Forwarding events to ${printable(forwardTo)}; Ctrl-C stops. The receiver's webhook secret is`);
    console.error(signing);
  };
  const followed = { ...(conversation && { conversation }), ...(type !== undefined && { type }) };
  for await (const event of follow(access, followed, ready)) {
    const told = await forward(event, forwardTo, signing);
    if (isTerminal) console.log(`${told.status ?? "---"}  ${eventLine(event)}${told.error ? `  (${told.error})` : ""}`);
    else console.log(JSON.stringify({ id: event.id, type: event.type, ...told }));
  }
}

interface Told {
  status: number | null;
  ms: number;
  error?: string;
}

async function forward(event: Envelope, url: string, secret: string): Promise<Told> {
  const body = JSON.stringify(event);
  const began = Date.now();
  try {
    const { status } = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/cloudevents+json",
        ...signatureHeaders({ id: event.id, now: began, body }, [secret]),
      },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status, ms: Date.now() - began };
  } catch (error) {
    const isSlow = error instanceof Error && error.name === "TimeoutError";
    return {
      status: null,
      ms: Date.now() - began,
      error: isSlow ? `no answer in ${PATIENCE_MS / 1000} s` : "nothing listens there",
    };
  }
}
