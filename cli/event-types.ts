/** Which events a command is asked for, as the API's filters take them. */
import { EventType, EventTypeOrFamily } from "../shared/domain/event.ts";
import { isOfType } from "../shared/domain/subscription.ts";
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";

/**
 * Whether a type of event is wanted.
 * @param asked types or families with commas between them, e.g. `message.failed,media.*`; left out, all are wanted
 * @throws Failure when there is no such type, with those that there are
 */
export function wantedTypes(asked: string | undefined): (type: EventType) => boolean {
  if (asked === undefined) return () => true;
  const wanted = asked.split(",").map((one) => one.trim());
  for (const one of wanted) if (!EventTypeOrFamily.safeParse(one).success) throw unknown(one);
  return (type) => wanted.some((one) => isOfType(one, type));
}

function unknown(asked: string): Failure {
  const family = `${asked.split(".")[0]}.*`;
  const near = EventType.options.filter((type) => isOfType(family, type));
  const [of, known] = near.length > 0 ? [` in ${family}`, near] : ["", EventType.options];
  return new Failure(
    `“${printable(asked)}” is no type of event. There are${of}: ${known.join(", ")}. All of a family are asked for like message.*.`,
  );
}
