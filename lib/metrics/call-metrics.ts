import type { Measures } from '../inspection/measures'
import type { MethodMeasure } from '../inspection/method-measure'
import type { PathTable } from '../inspection/path-table'
import { BUCKETS, ERROR_TYPE, methodNamed, METRICS } from '../telemetry/open-telemetry/conventions'
import type { Metric, Sample } from './metric'
import { prometheusName } from './prometheus-names'

type Labels = Sample['labels']

const BOUNDS_MS = BUCKETS.map(seconds => seconds * 1_000)
const ERROR = prometheusName(ERROR_TYPE)

/** How the calls of one side are named. */
interface Side {
  readonly table: PathTable<MethodMeasure>
  /** The metric of OpenTelemetry. */
  readonly duration: string
  /** The beginning of our own names. */
  readonly prefix: string
  /** Whose calls these are. */
  readonly whose: string
}

/** What a node measured of its calls, by the names that OpenTelemetry gives them. */
export function callMetrics ({ served, called }: Measures): Metric[] {
  return [
    ...sideMetrics({
      table: served, duration: METRICS.serverDuration, prefix: 'feathers_mesh_server_', whose: 'Calls of other nodes'
    }),
    ...sideMetrics({
      table: called, duration: METRICS.clientDuration, prefix: 'feathers_mesh_client_', whose: 'Calls to other nodes'
    }),
    {
      name: 'feathers_mesh_client_calls_waiting',
      help: 'Calls to other nodes that no node has taken: they wait for a replica',
      type: 'gauge',
      samples: () => figures(called, ({ waiting }) => waiting)
    }
  ]
}

function sideMetrics ({ table, duration, prefix, whose }: Side): Metric[] {
  return [
    {
      name: prometheusName(duration, 's'),
      help: `${whose}, by how long they took`,
      type: 'histogram',
      samples: () => [...table.all()].flatMap(([path, method, measure]) => durations(labelsOf(path, method), measure))
    },
    {
      name: `${prefix}call_errors_total`,
      help: `${whose} that failed, by the code or the name of the error`,
      type: 'counter',
      samples: () => [...table.all()].flatMap(([path, method, { errorCounts }]) => [...errorCounts].map(
        ([code, value]) => ({ labels: { ...labelsOf(path, method), [ERROR]: code }, value })
      ))
    },
    {
      name: `${prefix}calls_in_flight`,
      help: `${whose} under way`,
      type: 'gauge',
      samples: () => figures(table, ({ inFlight }) => inFlight)
    }
  ]
}

function figures (table: PathTable<MethodMeasure>, read: (measure: MethodMeasure) => number): Sample[] {
  return Array.from(table.all(), ([path, method, measure]) => ({
    labels: labelsOf(path, method), value: read(measure)
  }))
}

/** The parts of a histogram. */
function durations (labels: Labels, { histogram }: MethodMeasure): Sample[] {
  const { calls, within, sumMs } = histogram.distribution(BOUNDS_MS)
  const bucket = (le: string, value: number): Sample => ({ suffix: '_bucket', labels: { ...labels, le }, value })
  return [
    ...within.map((count, n) => bucket(String(BUCKETS[n]), count)),
    bucket('+Inf', calls),
    { suffix: '_sum', labels, value: sumMs / 1_000 },
    { suffix: '_count', labels, value: calls }
  ]
}

function labelsOf (path: string, method: string): Labels {
  const { attributes } = methodNamed(path, method)
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [prometheusName(name), String(value)]))
}
