from .account_plans import write_plans as write_plans
from .account_plans import write_talks as write_talks
from .customer_pages import write_customer_pages as write_customer_pages
from .playbook_page import playbook_html as playbook_html
from .playbook_page import write_playbook as write_playbook
from .watch_files import write_watch as write_watch
