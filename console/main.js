/** The page of the console: shows what the command tells. */

import { followForm, offer } from './call-form.js'
import { byId } from './dom.js'
import { drawMap } from './map.js'
import { followControls, passed } from './passing.js'
import { follow, takeToken } from './stream.js'
import { showPicture, showRefusing, showServices } from './tables.js'

const SHOW = {
  greeting ({ allowsCalls }) {
    byId('calling').hidden = !allowsCalls
  },
  services (services) {
    showServices(services)
    offer(services)
  },
  picture (picture) {
    const { nodes, at } = picture
    byId('state').textContent = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} at ` +
      `${new Date(at).toISOString().slice(11, 19)} UTC`
    drawMap(byId('map'), nodes)
    showPicture(picture)
  },
  refusing: showRefusing,
  records: passed
}

const token = takeToken()
followControls()
followForm(token)
follow(token, (event, data) => SHOW[event]?.(data), problem => { byId('state').textContent = problem })
