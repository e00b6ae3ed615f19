/** How the command line is used, and what its commands and options are. */
export const USAGE = `Usage: feathers-mesh <command> [options]

Looks at a running mesh. It joins as an observer: no node counts it or calls it.

Commands
  nodes                           the nodes of the mesh, and those that can't be reached, with the reason
  services [path]                 the services of the mesh, or the methods of one of them with their figures
  call <path> <method> [data]     calls a method once, and prints its result as JSON; data is JSON
  dead-letters [show|resend <id>] durable events that no listener could handle; one of them; gives one to its group again
  groups                          the groups of durable events, and how many events wait for each
  doctor                          what is wrong with the mesh, and what to do about it; listens for up to 3 s
  contracts export                prints the contracts of the mesh, or of a module: --module dist/services.js
  contracts diff <file>           how they differ from those that an export wrote; ends with 1 if callers break
  tap [path]                      shows calls and events as they pass, until Ctrl-C
  watch                           shows nodes and methods with their rates, times and errors, until q or Ctrl-C
  console                         the same as a page for a browser of this machine, until Ctrl-C

Options of all commands
  --discovery <url>               how nodes find each other, as MESH_DISCOVERY: broadcast://…, redis://…, dns://…
                                  spaces are between several of them
  --transport <name or url>       how nodes reach each other, as MESH_TRANSPORT: cote, nats://a:4222,b:4222, or several
                                  with spaces between them
  --environment <name>            the mesh, where one network has several
  --key <key>                     the key of this observer: nodes may answer those of some keys alone
  --listen <address>              where this observer listens, as MESH_LISTEN
  --tls-key, --tls-cert, --tls-ca <file>   certificates instead of a secret
  --insecure                      for a mesh without a secret that other machines can reach
  --json                          prints JSON, one document in each line
  --help                          prints this text

Options of call
  --id <id>                       of get, update, patch and remove
  --query <json>                  params.query
  --timeout <ms>                  how long the call may take: 5000 by default

Options of tap
  --sides <list>                  of served, called, sent, received: all by default
  --payloads                      what calls and events carry, where a node allows it
  --count <n>                     ends after so many records

Options of watch
  --count <n>                     ends after so many tables; with --json, each is one line

Options of console
  --port <n>                      the port of the page; 0, the default, is any that is free
  --allow-calls                   lets the page call methods

Options of dead-letters
  --count <n>                     lists so many: 100 by default

Options of contracts
  --module <file>                 the decorated classes that a module exports, instead of a running mesh

Secrets come from MESH_SECRET or MESH_SECRET_FILE, and URLs with a password or a token from MESH_DISCOVERY and
MESH_TRANSPORT: other programs of the machine can read arguments. All other variables of a node count here, too.

Examples
  feathers-mesh nodes
  feathers-mesh services todos --json
  feathers-mesh call todos create '{"title":"milk"}'
  feathers-mesh call todos get --id 7
  feathers-mesh contracts diff contracts.json --module dist/services.js
  feathers-mesh tap todos --sides served,sent
`
