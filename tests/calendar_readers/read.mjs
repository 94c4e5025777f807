// Reads a calendar file from standard input as ical.js does; writes its events as JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    method: calendar.getFirstPropertyValue("method"),
    uid: event.uid,
    sequence: event.sequence,
    start: event.startDate.toJSDate().getTime() / 1000,
    end: event.endDate.toJSDate().getTime() / 1000,
    status: component.getFirstPropertyValue("status"),
    summary: event.summary,
    place: event.location || "",
  };
});
process.stdout.write(JSON.stringify(events));
