/** A machine that is nobody's yet, by its MAC: what it would be told, and what was seen of it. */
import './machine.css'
import { Tabs } from '@mantine/core'
import { useParams, useSearchParams } from 'react-router'
import { Copy } from '../../parts/equivalent.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { BootsTab } from './boots-tab.tsx'
import { ExplainTab } from './explain-tab.tsx'

export function ExplainPage() {
  const { mac = '' } = useParams()
  const [search, setSearch] = useSearchParams()
  const tab = search.get('tab') === 'boots' ? 'boots' : 'explain'
  return (
    <PageFrame
      title={mac}
      mark={<Copy text={mac} label={`Copy ${mac}`} />}
      lead="What a machine with this MAC address would be told if it booted now."
    >
      <Tabs
        value={tab}
        onChange={(to) => setSearch(to === 'boots' ? { tab: to } : {})}
        keepMounted={false}
        className="machine-tabs"
      >
        <Tabs.List>
          <Tabs.Tab value="explain">Explain</Tabs.Tab>
          <Tabs.Tab value="boots">Boots</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="explain" pt="md">
          <ExplainTab name={mac} />
        </Tabs.Panel>
        <Tabs.Panel value="boots" pt="md">
          <BootsTab name={mac} isMac />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  )
}
