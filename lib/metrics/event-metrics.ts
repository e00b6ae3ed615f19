import type { Measures } from '../inspection/measures'
import { eventNamed, METRICS } from '../telemetry/open-telemetry/conventions'
import type { Metric, Sample } from './metric'
import { prometheusName } from './prometheus-names'

/** What a node counted of events, by the names that OpenTelemetry gives them. */
export function eventMetrics (measures: Measures): Metric[] {
  const { events } = measures
  const counter = (name: string, help: string, which: 'sent' | 'received'): Metric => ({
    name: prometheusName(name, '', true),
    help,
    type: 'counter',
    // An event that only came was never sent, and the other way round.
    samples: () => [...events.all()].filter(([,, measure]) => measure[which] > 0)
      .map(([path, event, measure]) => ({ labels: labelsOf(path, event), value: measure[which] }))
  })
  return [
    counter(METRICS.sentMessages, 'Events that the node published', 'sent'),
    counter(METRICS.consumedMessages, 'Events of other nodes that the node received', 'received'),
    {
      name: 'feathers_mesh_event_gaps_total',
      help: 'How often the node learned that it missed events',
      type: 'counter',
      samples: () => [{ labels: {}, value: measures.gaps }]
    }
  ]
}

/** Only what names the event: the operation is in the name of the metric. */
function labelsOf (path: string, event: string): Sample['labels'] {
  const { attributes } = eventNamed('send', path, event)
  const named = ['messaging.system', 'messaging.destination.name']
  return Object.fromEntries(named.map(name => [prometheusName(name), String(attributes[name])]))
}
