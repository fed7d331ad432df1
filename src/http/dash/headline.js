// SPDX-License-Identifier: ISC
// What is read first. Pure.

const be = (n) => (n === 1 ? "is" : "are");

// The one sentence that is read first, and the one below it.
function headlineOf(model, problems) {
  const level = problems.find((p) => p.level !== "note")?.level ?? "well";
  return {
    level,
    text: headlineText(model, problems),
    modes: headlineModes(model),
    more: headlineMore(model),
  };
}

// What keeps rrdnsd from doing anything stands beside whatever else is wrong.
function headlineModes({ status }) {
  return [
    status.frozen ? "Frozen: no record is changed." : "",
    status.dry_run ? "Dry run: no update is sent." : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function headlineText(model, problems) {
  const of = (what) => problems.filter((p) => p.what === what);
  const dead = of("Service down");
  if (!model.quorum.have) return "There is no quorum.";
  if (dead.length === 1) return `${dead[0].fqdn} is down.`;
  if (dead.length > 1) return `${count(dead.length, "service")} are down.`;
  if (model.down > 0)
    return `${model.down} of ${count(model.total, "endpoint")} ${be(model.down)} down.`;
  if (of("Not updated").length > 0) return "A name server is not up to date.";
  if (model.undecided > 0)
    return `${count(model.undecided, "endpoint")} ${be(model.undecided)} undecided.`;
  const first = problems.find((p) => p.level !== "note");
  if (first?.what === "Frozen") return "rrdnsd is frozen.";
  if (first?.what === "Dry run") return "This is a dry run.";
  if (first) return `${first.what}.`;
  if (model.total === 0) return "There is nothing to watch yet.";
  return model.drained > 0 ? "All is well." : "Everything is up.";
}

function headlineMore(model) {
  const { quorum } = model;
  const services = count(model.services.length, "service");
  const words = [`${model.up} of ${count(model.total, "endpoint")} up in ${services}`];
  if (model.drained > 0) words.push(`${model.drained} taken out by operators`);
  if (quorum.nodes > 1)
    words.push(quorumWords(quorum));
  const differing = model.services.filter((s) => s.differs || s.failing.length > 0).length;
  const servers = new Set(model.services.flatMap((s) => s.servers.map((server) => server.server)));
  if (servers.size > 0)
    words.push(
      differing === 0
        ? `DNS as wanted on ${count(servers.size, "server")}`
        : `DNS differs from what is wanted for ${count(differing, "service")}`,
    );
  return `${words.join("; ")}.`;
}
