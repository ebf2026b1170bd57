/**
 * What Zendesk's event webhooks tell of tickets
 * (https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/), as far as it is read. Ids come as
 * text and as numbers, and optional is whatever another version might leave out.
 */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const id = z.pipe(
  z.union([z.string().check(z.minLength(1)), z.int()]),
  z.transform((value: string | number) => String(value)),
);

export const Told = z.looseObject({
  type: z.string(),
  /** Of the event: the same when it is told again. */
  id: lenient(id),
  time: lenient(z.string()),
  /** The ticket as it is after the event. */
  detail: lenient(
    z.looseObject({
      id,
      external_id: lenient(z.string()),
      /** Who did it; not who is named as a comment's author. */
      actor_id: lenient(id),
      tags: lenient(z.array(z.string())),
    }),
  ),
  event: lenient(z.looseObject({})),
});

export const CommentEvent = z.looseObject({
  comment: z.looseObject({
    id: lenient(id),
    is_public: lenient(z.boolean()),
    author: lenient(z.looseObject({ id: lenient(id), is_staff: lenient(z.boolean()) })),
  }),
});

export const StatusEvent = z.looseObject({ current: z.string(), previous: lenient(z.string()) });

/** `current`: the agent's id; null, empty or absent when nobody has it any more. */
export const AssignmentEvent = z.looseObject({ current: lenient(id) });
