export { statusLogOf as logsOf, logFound as tellFound, logOffer as tellOffer } from './discovery-log'
