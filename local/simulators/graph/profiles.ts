/** What Meta tells of the people who wrote to a Page or an Instagram account: to who asks with its token, field by field. */
import type { Answer } from "../http.ts";
import { ok } from "../simulator.ts";
import { metaError, unknownObject } from "./errors.ts";

const FIELDS = {
  messenger: ["id", "first_name", "last_name", "name", "profile_pic", "locale", "timezone", "gender"],
  instagram: [
    "id",
    "name",
    "username",
    "profile_pic",
    "follower_count",
    "is_user_follow_business",
    "is_business_follow_user",
    "is_verified_user",
  ],
};

/** @param name null: of a person whose profile nobody may see; undefined: of whom nothing is told */
export function profileOf(
  product: "messenger" | "instagram",
  { id, name, hasWritten }: { id: string; name: string | null | undefined; hasWritten: boolean },
  fields: string | null,
): Answer {
  const asked = fields?.split(",") ?? ["id"];
  const unheard = asked.find((field) => !FIELDS[product].includes(field));
  if (unheard !== undefined)
    return metaError({ code: 100, message: `(#100) Tried accessing nonexisting field (${unheard})` });
  if (!hasWritten) return metaError(unknownObject(id));
  if (name === null) {
    return product === "messenger"
      ? metaError({ code: 100, subcode: 2018218, message: "(#100) No profile available for this user." })
      : metaError({ code: 230, message: "(#230) User consent is required to access user profile" });
  }
  if (name === undefined) return ok({});
  const [first = "", ...rest] = name.split(" ");
  const told: Record<string, string> =
    product === "messenger"
      ? { id, first_name: first, last_name: rest.join(" "), name }
      : { id, name, username: name.toLowerCase().replaceAll(" ", ".") };
  const wanted = Object.entries(told).filter(([field]) => field === "id" || asked.includes(field));
  return ok(Object.fromEntries(wanted));
}
