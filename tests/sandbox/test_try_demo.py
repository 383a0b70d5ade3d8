import time
import pytest
from collections import Counter
import sqlalchemy as sa
from gigcx.sandbox import demo

class Letters:
    def __init__(self): self.mails=[]
    def send(self, mail): self.mails.append(mail)

def test_try(app, committing, stripe, monkeypatch, admin_engine):
    import os
    letters=Letters()
    monkeypatch.setitem(app.extensions,"gigcx.mail",letters)
    app.config.setdefault("PUBLIC_URL","http://localhost:5000")
    t=time.time()
    demo.load(lambda *a: None, scale=float(os.environ.get("SCALE","0.2")))
    print("seconds", time.time()-t, len(letters.mails))
    e=sa.create_engine(committing.admin_url)
    with e.connect() as c:
        for q in ["select state,route,count(*) from tickets group by 1,2 order by 1","select ended_reason,claimant,count(*) from claims group by 1,2","select state,count(*) from resolutions group by 1","select state,count(*),sum(amount_minor) from earnings group by 1","select b.name,a.kind,a.balance_minor from ledger_accounts a join brands b on b.id=a.owner_id","select state,note from payout_runs","select l.state,r.state,count(*),sum(amount_minor) from payout_lines l join payout_runs r on r.id=l.run_id group by 1,2","select stars,count(*) from ratings group by 1 order by 1","select fault,subject from ledger_faults","select listener,state,count(*),min(last_error) from outbox_deliveries where state<>'done' group by 1,2","select count(*) from outbox_messages", "select count(*),count(distinct subject) from tickets","select count(distinct masked_text),count(*) from messages where author='customer'","select masked_text from messages where masked_text like '%·%' limit 6","select state,count(*) from fundings group by 1"]:
            print(q); 
            for r in c.execute(sa.text(q)): print("   ",*r)
