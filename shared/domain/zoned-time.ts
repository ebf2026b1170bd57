/** Times as callers give them. */
import * as z from "zod";

/** ISO 8601 with a zone: `Z`, or an offset such as `+01:00`. */
export const ZonedTime = z.iso.datetime({
  offset: true,
  error: "must be a time with its zone, such as 2026-11-22T09:00:00Z",
});

/** The same in a query, where a plus sign that nobody escaped stands for a blank. */
export const ZonedTimeInQuery = z
  .string()
  .transform((text) => text.replace(/ (?=\d\d:\d\d$)/, "+"))
  .pipe(ZonedTime);
