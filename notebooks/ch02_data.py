# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["syllabus:C2.F1a", "syllabus:C2.F1c", "syllabus:C2.F3c"]
# # Chapter 2. Data analysis and decisions (电商数据分析与决策)
#
# **Wednesday, 1 July 2026, nine in the morning.**
# You run the cross-border shop (跨境店铺) of a group of ten shops.
# The 618 festival is over, Double 11 is four months away.
# The owner has forwarded a slide deck with three lines marked in red:
#
# > - Home page under 15 seconds: needs a new visual design.
# > - More than 4 payment steps: loss up 32 %.
# > - Dynamic pricing: margin up 12 %.
#
# Below them stands one sentence:
# *"The developers have time for one of these before the autumn.
# Which one, what is it worth in yuan a month, and why should I believe it?"*
#
# The slide cannot answer that.
# It does not say what was counted, among whom, compared with what, or how sure anyone is.
# Section 4 answers it, with the tools that sections 1 to 3 build.

# %% [markdown]
# ## What you will be able to do
#
# 1. **Take apart** a figure from a slide: definition, base, comparison, window, certainty, verdict.
# 2. **Build and read** a board of 20 key metrics, and say which of them must never be added up.
# 3. **Turn** an Excel clean-up and a pivot table into pandas that anyone can run again.
# 4. **Protect** customers' data with roles, masks and pseudonyms, and test whether the result is anonymous.
# 5. **Diagnose** a shop by its funnel, its visitors' behaviour and its sales, with an interval on every rate.
# 6. **Decide** between proposals by what each is worth, and say what you do not know.
#
# **You need** Excel with pivot tables, and enough Python to read `table["column"].sum()`.
#
# **Time:** six hours, the second half of day 1 and the first half of day 2; the assignment takes two more.
#
# **Data:** a simulated group of ten shops; this chapter looks at six: apparel 服饰, beauty 美妆, home 家居, fast-moving goods 快消, mother and baby 母婴, cross-border 跨境.
# Orders, returns, searches and stock cover two years up to 30 June 2026; the click log covers the last 60 days.
# They are simulated for one reason: we know what is true in them, so we can check whether a method finds it.
# A figure that holds here is shown to be *measurable*; whether it holds in your shop, only your own data can tell.
#
# **How to work:** guess the result aloud before you run a cell.
# Nothing teaches faster than a wrong guess.

# %%
import hashlib

import pandas as pd

from ecomtrain import datasets, plots
from ecomtrain.analysis import channels, customers, experiment, forecast, funnel, inventory
from ecomtrain.analysis import metrics, paths, privacy, sales, targeting
from ecomtrain.course import claims

plots.use_style()
pd.set_option("display.float_format", "{:,.3f}".format, "display.max_colwidth", 80)
names = ["orders", "order_lines", "returns", "sessions", "events"]
names += ["products", "customers", "inventory_daily"]
shop = {name: datasets.load(name, shop="cross_border") for name in names}
pd.Series({name: len(table) for name, table in shop.items()}, name="rows").to_frame()

# %% [markdown] tags=["syllabus:C2.T1"]
# ## 1 Trends (趋势): five lines from a slide
#
# This course follows an outline (大纲) of slides, full of figures.
# A figure on a slide is a **claim** (论断), not a fact.
# Five questions turn it into something that can be right or wrong.
#
# | Question | What to write down |
# |---|---|
# | What is counted? | the definition, as a formula (口径) |
# | Among whom? | the base: the denominator and its size (分母、样本量) |
# | Compared with what? | a control group, an earlier period, another shop (对照) |
# | In which window? | from when to when, and what else happened then (时间窗口) |
# | How sure? | an interval, not only a number (置信区间) |
#
# Then the data give a verdict.
# The claim **holds**; or it **does not**, because something else bends the usual, naive estimate (虚假); or it **depends on what is counted** (口径), so that two honest people report two figures; or the data cannot tell.
#
# One habit of speech saves many meetings: from 50 % to 60 % is up **10 percentage points** (百分点) and up **20 %**.
#
# ### 1.1 Several channels, one profile (多渠道数据融合)
#
# *Claim: joining app, mini program and live room makes the customer profile (用户画像) 42 % more precise.*
#
# *Precise* has to mean something that can be wrong.
# Our definition: the profile names the category a customer viewed most, and it is right if the customer named the same one in a survey.

# %% tags=["syllabus:C2.T1"]
identities, beauty = datasets.load("identities"), datasets.load("customers", shop="beauty")
profile = customers.profile_precision(identities, beauty)
audit = claims.audit("C2.T1")
plots.profile_precision(profile)
plots.claim(audit)
print(audit)
profile[["profile", "n", "correct", "precision", "low", "high", "change"]]

# %% [markdown] tags=["syllabus:C2.T1", "syllabus:C2.T2"]
# **It shows** the same 2,611 customers guessed twice, once from the app alone and once from all linked accounts.
# Precision goes from 50 % to 70 %: up 20 points, and up 40 % (35 to 45 %).
# The claim holds, and now it has a base.
# The printed audit puts the five questions in order; *naive* is how such a figure usually comes about, *sound* is the estimate to rely on, and *truth* is what the simulator planted.
#
# **It does not show** what the extra precision earns, nor anything about customers who took no survey or whose accounts could not be linked.
#
# **On Monday:** ask which consent (同意) the linking rests on, count the accounts that stay unlinked, and try the joined profile on one campaign with a control group.
#
# ### 1.2 Real-time stock data (实时数据分析)
#
# *Claim: real-time data raise the inventory turnover (库存周转率) of a fast-moving-goods brand by 23 %.*
#
# Turnover is the cost of goods sold in a year over the average stock, both at cost.
# Four warehouses switched to real-time replenishment on four different dates.
# That beats any before-and-after: while one warehouse had switched, the others lived through the same season without it.

# %% tags=["syllabus:C2.T2"]
stock, goods = datasets.load("inventory_daily", shop="fmcg"), datasets.load("products", shop="fmcg")
switched = {"W1": "2025-09-01", "W2": "2025-11-24", "W3": "2026-01-19", "W4": "2026-03-30"}
steps = inventory.stepped_turnover(stock, goods, switched, settle_weeks=2)
plots.turnover_steps(steps)
audit = claims.audit("C2.T2")
plots.claim(audit)
audit.table

# %% [markdown] tags=["syllabus:C2.T2", "syllabus:C2.T3"]
# **It shows** each warehouse around its own switch, with the season taken out: turnover rises by 22 % (17 to 28 %).
# The claim holds; quarter against quarter, the way such a figure usually comes about, gives 17 %, because it cannot tell the switch from the season.
#
# **It does not show** whether shelves stayed full.
# Turnover also rises when a warehouse simply runs out of goods.
#
# **On Monday:** put the number of out-of-stock days (缺货天数) beside the turnover before you praise anyone for it.
#
# ### 1.3 Hits foreseen (爆款预判)
#
# *Claim: an apparel brand foresees its hits 60 days ahead.*
#
# Foreseen how often, and against what blind luck?
# We rank every launch by the sales of its first 14 days, pick the top 20, and see which became hits: the top tenth by sales in the 60 days after.
# The label must not contain the first 14 days, or the forecast would help to write its own answer.

# %% tags=["syllabus:C2.T3"]
daily = datasets.load("inventory_daily", shop="apparel")
launched = datasets.load("products", shop="apparel")
picks = forecast.early_hits(daily, launched, days=14, horizon=60, k=20)
plots.early_hits(picks)
audit = claims.audit("C2.T3")
plots.claim(audit)
print("hits among the picks:", picks.hits_found, "- lift:", round(picks.lift, 1))
audit.table

# %% [markdown] tags=["syllabus:C2.T3", "syllabus:C2.T4"]
# **It shows** that 8 of the 20 picks became hits: 40 % (22 to 61 %), where a blind pick finds 10 %.
# Half of the hits were plain from their own sales within 46 days (36 to 58), not 60: the horizon of the slide was chosen, not found.
# Two weeks of sales help, and most picks still fail.
#
# **It does not show** a launch that ran out of stock early; it sold little because there was little to sell.
#
# **On Monday:** reorder the picks in small lots, and write down today which ones you expect to win.
# A forecast that nobody writes down is never wrong.
#
# ### 1.4 A dashboard for decisions (动态仪表盘)
#
# *Claim: a dynamic dashboard makes management decisions 35 % more efficient.*
#
# *Efficient* has no unit.
# The office logged when each question was raised and when it was decided, and a coin decided who had the dashboard.

# %% tags=["syllabus:C2.T4"]
office = datasets.load("decisions").dropna(subset="decided_at")
office["days"] = (office["decided_at"] - office["raised_at"]) / pd.Timedelta(days=1)
office["arm"] = office["dashboard"].map({False: "control", True: "dashboard"})
time = experiment.compare_means(office, numerator="days")
plots.experiment(time, what="Days to a decision")
audit = claims.audit("C2.T4")
plots.claim(audit)
audit.table

# %% [markdown] tags=["syllabus:C2.T4", "syllabus:C2.T5"]
# **It shows** one measurement with two names: the time falls by 28 %, so the speed, decisions per day of waiting, rises by 39 %.
# Both are true; the slide chose the larger.
#
# **It does not show** whether the decisions were any good.
#
# **On Monday:** when someone reports a rise in speed, ask for the minutes or days saved.
#
# ### 1.5 "GDPR 2.0" and masking (合规与数据脱敏)
#
# The outline says, here and again in chapter 5, that GDPR 2.0 forces masking.
# **There is no GDPR 2.0.**
# The law is Regulation (EU) 2016/679.
# It defines pseudonymisation (假名化) in Art. 4(5), asks for data protection by design in Art. 25, and names pseudonymisation and encryption among the security measures of Art. 32.
# In China the law is the Personal Information Protection Law of 2021 (PIPL, 个人信息保护法).
# Its Art. 73 keeps two words apart: **de-identified** data (去标识化) can be led back to a person with further information, and remain personal data; **anonymised** data (匿名化) cannot, and only they leave the law's reach (Art. 4).
#
# So the question is not "are the names gone?" but "how many people share a row?"
# **k-anonymity** (k-匿名) counts them: k is the size of the smallest group of rows that look alike.
# Here a release needs k of 5 or more.

# %% tags=["syllabus:C2.T5"]
people = shop["customers"]
coarse = privacy.generalise(people, {"birth_year": 20, "city": "drop"})
versions = {
    "birth year and city": privacy.k_anonymity(people, ["gender", "birth_year", "city"]),
    "20 years and province": privacy.k_anonymity(coarse, ["gender", "birth_year", "province"]),
    "20 years only": privacy.k_anonymity(coarse, ["gender", "birth_year"]),
}
plots.k_anonymity(versions["birth year and city"])
rows = {name: [v.k, v.rows_below, v.share_below] for name, v in versions.items()}
pd.DataFrame(rows, index=["k", "customers below 5", "share below 5"]).T

# %% [markdown] tags=["syllabus:C2.T5", "syllabus:C2.M"]
# **It shows** a table without names, numbers or addresses in which 22 % of the customers still stand in a group of fewer than 5.
# Someone who knows a neighbour's birth year and city needs no name.
# Coarser values help: with 20-year bands and the province 49 customers are left in small groups, and without the province none.
#
# **It does not show** what a group has in common: if all 5 bought the same medicine, hiding among them hides nothing.
#
# **On Monday:** never send a table out of the house before its k is counted, and send the coarsest one that still answers the question.
#
# ## 2 Tools and data (工具与数据)
#
# ### 2.1 Twenty key metrics (20项关键指标)
#
# The outline asks for a system that collects three dimensions, users 用户, transactions 交易 and products 商品, in 20 key metrics, and names none.
# We name them: seven, seven and six.
# The table gives name and formula of each; the board compares June with the 30 days before.

# %% tags=["syllabus:C2.M"]
june, before = ("2026-06-01", "2026-07-01"), ("2026-05-02", "2026-06-01")
board = metrics.kpi20(shop, *june, compare=before)
plots.kpi_board(board)
board[["name", "name_zh", "value", "previous", "relative_change"]].join(metrics.catalogue()[["formula"]])

# %% tags=["syllabus:C2.M"]
tree = sales.gmv_tree(shop, before=before, after=june)
plots.bridge(tree)
tree

# %% [markdown] tags=["syllabus:C2.M", "syllabus:C2.L1"]
# **The board shows** a June with 14 % more visitors (访客数, UV) and 14 % more paid amount (支付金额) than the 30 days before.
# **The waterfall shows** where the 82,495 yuan come from, with nothing left over: more visitors bring 81,994, a higher value per buyer (客单价) 19,404, and a lower conversion (支付转化率) takes 18,902 back.
#
# **They do not show** causes: June holds the 618 festival, and the days before it do not.
#
# **On Monday:** read a board from the tree down, the paid amount first, then its three factors, then the rows that explain a factor.
#
# Three kinds of rows must never be added up: visitors over days or channels (one person counts once in each), rates, and averages.
# And value per buyer (客单价) is not value per order (笔单价): 593 against 439 yuan, because a buyer can order twice.
#
# ### 2.2 Collecting events (数据采集、埋点): GrowingIO, Baidu Tongji 百度统计
#
# Both tools write the same thing: **who** did **what**, **when** and **where**.
# GrowingIO records clicks and views without code for each button (无埋点) and suits shops on hosted software; Baidu Tongji does it by a script in the page and suits mobile pages.
# Ask either for its raw events, not only for its reports: a report cannot be counted again, a log can.
#
# A **session** (会话) is not found in nature; it is a rule: a silence of more than 30 minutes ends it.
# The cell applies the rule to visitor and time alone, and compares with the session numbers of the log.

# %% tags=["syllabus:C2.L1"]
log = shop["events"]
rebuilt = paths.sessionise(log, by="visitor_id", gap="30min")
print("sessions in the log:", log["session_id"].nunique())
print("rebuilt from visitor and time:", rebuilt.nunique())
one = log.loc[log["event"] == "pay", "session_id"].iloc[0]
log.loc[log["session_id"] == one, ["visitor_id", "ts", "event", "page", "element", "product_id"]]

# %% [markdown] tags=["syllabus:C2.L2"]
# ### 2.3 Cleaning (数据清洗): pandas for what Excel does by hand
#
# The order export below has five rows and five faults: a repeated row, a test order, money as text, two ways to write a date, and an order that was never paid.
# Each Excel step has a twin in pandas.
#
# | In Excel | In pandas |
# |---|---|
# | Remove Duplicates 删除重复值 | `drop_duplicates()` |
# | Filter, delete rows 筛选 | `query(...)` |
# | Find and Replace `￥` and `,` 查找替换 | `str.replace(...)` |
# | `VALUE`, `DATEVALUE` | `pd.to_numeric`, `pd.to_datetime` |
# | `VLOOKUP` | `merge(..., validate="many_to_one")` |
#
# The difference is not speed.
# The pandas steps are written down: next month they run again on the next file, and a colleague can check them.
# Tableau starts where this ends: its visual modelling (可视化建模) drags the dimensions and measures of a clean table onto a plot.

# %% tags=["syllabus:C2.L2"]
export = pd.DataFrame({
    "订单编号": ["6920260618000123457"] * 2 + ["6920260618000123461", "TEST-1", "6920260619000123502"],
    "买家实付金额": ["￥1,299.00", "￥1,299.00", "￥88.50", "￥0.01", ""],
    "付款时间": ["2026-06-18 00:03", "2026-06-18 00:03", "2026/6/18 9:15", "2026-06-18 10:00", ""],
})  # fmt: skip
clean = (
    export.set_axis(["order_id", "paid_amount", "paid_at"], axis=1)
    .drop_duplicates()
    .query("not order_id.str.startswith('TEST')")
    .assign(paid_amount=lambda t: t["paid_amount"].str.replace("[￥,]", "", regex=True))
    .assign(paid_amount=lambda t: pd.to_numeric(t["paid_amount"]))
    .assign(paid_at=lambda t: pd.to_datetime(t["paid_at"], format="mixed").dt.tz_localize("Asia/Shanghai"))
)
print("order", export.iloc[0, 0], "read as a number:", int(float(export.iloc[0, 0])))
clean

# %% [markdown] tags=["syllabus:C2.L2", "syllabus:C2.L3"]
# Three orders are left, one of them unpaid (`NaT`), and its missing amount stays missing: an empty cell is not a zero.
# The line above the table is the costliest trap of all: a long order number read as a number changes its last digits, in Excel as here, so read ids as text and keep them as text.
#
# ### 2.4 Pivot tables (数据透视表) and Sycm 生意参谋
#
# Sycm is the platform's own monitor.
# Its paid amount includes postage and does not deduct refunds, so it will not match your ledger; write the difference down once instead of explaining it every month.
#
# A pivot table is rows, columns, a value and a way to sum it up.
# In pandas these four are arguments, and `margins=True` is Excel's grand total (总计).

# %% tags=["syllabus:C2.L3"]
paid = shop["orders"].query("status == 'paid'")
paid = paid.assign(month=paid["paid_at"].dt.strftime("%Y-%m"))
came = shop["sessions"].groupby("channel")["visitor_id"].nunique()
print("visitors, channels added up:", came.sum())
print("visitors, each person once:", shop["sessions"]["visitor_id"].nunique())
paid[paid["month"] >= "2026-04"].pivot_table(
    index="channel", columns="month", values="paid_amount", aggfunc="sum", margins=True
)

# %% [markdown] tags=["syllabus:C2.L3", "syllabus:C2.L4", "syllabus:C2.L5"]
# Money may be added over channels; people may not.
# Added up, the channels have 24,462 visitors, but only 16,670 people came.
# Excel's pivot falls into the same trap unless you choose Distinct Count (非重复计数).
#
# ### 2.5 Encryption (加密) and access control (访问控制)
#
# Encryption keeps strangers out: on the disk and on the line.
# It does not help against a colleague who has the password.
# For that there is access control: each role gets the columns that its work needs, some of them masked, and what is not listed is not shown.
#
# ### 2.6 Masking tool (脱敏工具) and policy generator (隐私政策生成器)
#
# Many a release shows a masked number and, "to join tables", a *hash* (哈希) of the whole number beside it.
# Is that safe?
# Guess before you run the second cell.
#
# That cell also holds a privacy policy (隐私政策), as a generator writes it, against the table.
# A policy is a claim too.

# %% tags=["syllabus:C2.L4"]
roles = {
    "warehouse 仓库": (["name", "mobile", "province", "city"], {"name": "name", "mobile": "mobile"}),
    "service 客服": (["name", "mobile", "email"], {"mobile": "mobile", "email": "email"}),
    "analyst 分析": (["customer_id", "gender", "birth_year", "province"], {}),
}
for role, (columns, rules) in roles.items():
    print(role)
    print(privacy.mask(people[columns], rules).head(2).to_string(index=False), end="\n\n")

# %% tags=["syllabus:C2.L5"]
number = people["mobile"].iloc[0]
masked = privacy.mask(people.head(1), {"mobile": "mobile"})["mobile"].iloc[0]
hashed = hashlib.sha256(number.encode()).hexdigest()
guesses = [f"{masked[:3]}{middle:04d}{masked[-4:]}" for middle in range(10_000)]
found = [guess for guess in guesses if hashlib.sha256(guess.encode()).hexdigest() == hashed]
print("masked:", masked, "- tries:", len(guesses), "- found the number:", found == [number])
keyed = privacy.pseudonymise(people["mobile"], key="kept apart from the data")
print("with a secret key:", keyed.iloc[0])
policy = ["customer_id", "registered_at", "name", "mobile", "province", "city"]
held = people.drop(columns=["shop", "survey_category"])  # one is no person's, one is empty
print("held, but not in the policy:", held.columns.difference(policy).tolist())

# %% [markdown] tags=["syllabus:C2.L5", "syllabus:C2.F1a"]
# It is not safe: the mask leaves 10,000 numbers, and a computer tries them all before you blink.
# A pseudonym made with a secret key withstands that as long as the key lies elsewhere; whoever holds the key can go back, so the data remain personal data.
# And the shop holds three kinds of data that its policy does not mention.
#
# **On Monday:** ask who holds the key, and lay the policy beside the table.
#
# ## 3 The framework (分析框架): three columns, three rows
#
# | Conversion funnel 转化漏斗 | Visitor behaviour 用户行为 | Sales 销售数据 |
# |---|---|---|
# | 3.1 dwell 停留时间 | 3.4 path 浏览路径 | 3.7 trend 销量趋势 |
# | 3.2 clicks 按钮点击 | 3.5 search terms 搜索词 | 3.8 order value 客单价 |
# | 3.3 flow 流程连贯性 | 3.6 interaction 互动行为 | 3.9 margin 利润率 |
#
# ### 3.1 Dwell (页面停留时间)
#
# *Claim: a home page left within 15 seconds needs a new visual design.*
#
# Dwell is the time to the next page.
# For the **last** page of a session there is no next page: its time is **censored** (删失), and only a lower bound is known.
# Counting it as zero makes every page look worse than it is; the Kaplan-Meier curve uses what is known and no more.

# %% tags=["syllabus:C2.F1a"]
views = paths.dwell(log)
home = views[views["page"] == "home"]
bought = log.loc[log["event"] == "pay", "session_id"]
bands = paths.dwell_conversion(views, bought, page="home", bins=(0, 5, 15, 30, 60))
plots.dwell(paths.survival_curve(home), mark=15)
plots.dwell_conversion(bands)
audit = claims.audit("C2.F1a")
plots.claim(audit)
print(paths.dwell_summary(home).to_string(index=False))
print(bands.to_string(index=False))
audit.table

# %% [markdown] tags=["syllabus:C2.F1a"]
# **It shows** that half of our home views are over within 13 seconds, so by the slide's rule we would need a new design.
# But the rule depends on what is counted: in the home shop, which the audit looks at, the median is 13 seconds too, and falls to 10 when the unknown last pages are counted as zero.
# Conversion rises with dwell up to 13 % in the band from 15 to 30 seconds and is flat after that.
# The last row has no buyers by construction: who leaves from the home page cannot have bought.
#
# **It does not show** that a page which holds people longer sells more.
# People who want to buy look longer, and a slow page holds people too.
#
# **On Monday:** do not redesign on this figure; ask for a test of the new page against the old one, visitors by lot.

# %% [markdown] tags=["syllabus:C2.F1b"]
# ### 3.2 Button clicks (按钮点击分析)
#
# The outline says that bad hit areas cost conversion.
# A **dead click** (无效点击) is a hit on something that does not respond.
# We look at the product page, and then ask on which device it happens.

# %% tags=["syllabus:C2.F1b"]
plots.element_clicks(paths.element_clicks(log, "detail"))
device = shop["sessions"].set_index("session_id")["device"]
parts = log.groupby(log["session_id"].map(device))
tables = {name: paths.element_clicks(part, "detail") for name, part in parts}
dead = pd.concat(tables).query("element == 'dead_click'").droplevel(1)
dead[["views", "clicked_views", "click_rate", "low", "high"]]

# %% [markdown] tags=["syllabus:C2.F1b"]
# **It shows** which parts of the page people hit, and that dead clicks have an address: 11 % of the views in the mini program, 6 % on the web, 3 % in the app.
#
# **It does not show** what a dead click costs.
# Sessions with one may buy less, but they also differ in device and in patience.
#
# **On Monday:** send the developers the page, the device and the element, not the average; then compare the mini program before and after the repair, with the app as a control.
#
# **Your turn:** put `"home"` in the place of `"detail"`; is it the same device?

# %% [markdown] tags=["syllabus:C2.F1c"]
# ### 3.3 Flow (流程连贯性): the payment steps
#
# *Claim: more than 4 payment steps lose 32 % more buyers.*
#
# By lot, half of the visitors of this shop met a short checkout of two steps (control) and half a long one of five (treatment).
# Before reading the result of an experiment (A/B 测试), check that the halves are halves: the **sample ratio** (样本比例).
# Loss is counted among those who began the checkout.

# %% tags=["syllabus:C2.F1c"]
arms = datasets.load("experiments", shop="cross_border")
tested = log.merge(arms[["visitor_id", "arm"]], on="visitor_id", validate="many_to_one")
began = tested[tested["event"] == "checkout"].drop_duplicates("visitor_id")[["visitor_id", "arm"]]
began["lost"] = ~began["visitor_id"].isin(tested.loc[tested["event"] == "order", "visitor_id"])
loss = experiment.compare_rates(began, success="lost")
steps = ["checkout", "address", "payment", "order", "pay"]
plots.funnel(funnel.conversion(tested, steps, group="arm"))
plots.experiment(loss, what="Loss in the checkout")
audit = claims.audit("C2.F1c")
plots.claim(audit)
print(experiment.sample_ratio(arms["arm"]).to_string(index=False))
print(loss[["change", "change_low", "change_high", "p"]].to_string())
audit.table

# %% [markdown] tags=["syllabus:C2.F1c"]
# **It shows** a loss of 33 % in the long checkout against 25 % in the short one: 7.4 points more (4.5 to 10.2), or 29 % more (17 to 43 %).
# The interval contains the slide's 32 % and leaves no doubt about the direction: the claim holds.
# The funnel shows where: the arms part between address and payment, where the three extra steps lie.
# The sample ratio gives no alarm; an alarm would be a p below 0.001.
#
# **It does not show** which of the three extra steps does the damage, nor whether customs can do without one of them.
#
# **On Monday:** give everyone the short checkout, and ask the lawyers which step is required before payment and which can come after it.
#
# **Your turn:** count as lost who did not *pay*, not who did not order: change `"order"` to `"pay"` in the fourth line.

# %% [markdown] tags=["syllabus:C2.F2a"]
# ### 3.4 Path (浏览路径): home to product page
#
# *Claim: only 15 % go from the home page to a product page (beauty shop).*
#
# Two honest analysts can count this sentence in two ways.
# Of all home views, how often is a product page the **next** page?
# Of all sessions that saw the home page, how many reach a product page **at all**?

# %% tags=["syllabus:C2.F2a"]
glow = datasets.load("events", shop="beauty")
both = paths.reach(glow, "home", "detail")
plots.transitions(paths.transitions(glow))
plots.reach(both)
audit = claims.audit("C2.F2a")
plots.claim(audit)
print(paths.transitions(glow).loc["home"].to_string())
audit.table

# %% [markdown] tags=["syllabus:C2.F2a"]
# **It shows** both answers on the same log: 15 % as the next page, 41 % at some later point.
# The matrix shows the way round: by list, search and content.
#
# **It does not show** that the home page is bad: its work is to lead on.
# But 32 % of its views end the session, and that is the cell to work on.
#
# **On Monday:** whenever a share of a path is quoted, write "next" or "ever" beside it, and never compare one with the other.
#
# **Your turn:** ask the same of those who search: `paths.reach(glow, "search", "detail")`.

# %% [markdown] tags=["syllabus:C2.F2b"]
# ### 3.5 Search terms (搜索词): "summer dress" 夏季连衣裙
#
# *Claim: searches for "summer dress" are up 38 %; buy stock.*
#
# Up on what?
# Month on month (环比) compares June with May, and contains the arrival of summer.
# Year on year (同比) compares June with the June before, and does not.
# The outline uses the same 38 % once more in chapter 4, for a coffee machine.

# %% tags=["syllabus:C2.F2b"]
terms = sales.search_growth(datasets.load("searches", shop="apparel"), month="2026-06")
plots.search_growth(terms, term="summer dress")
audit = claims.audit("C2.F2b")
plots.claim(audit)
print("grown on last year, q below 0.05:", ", ".join(terms.index[terms["q"] < 0.05]))
terms[["searches", "month_on_month", "year_on_year", "year_on_year_low", "year_on_year_high", "q"]]

# %% [markdown] tags=["syllabus:C2.F2b"]
# **It shows** a June that is 39 % above May and only 4.5 % above last June (0.2 to 8.9 %).
# The claim does not hold: it measures the arrival of summer, which comes every year.
# The column q allows for having looked at eight terms at once (错误发现率); below 0.05 are "sun-protection shirt" 防晒衣, "linen shirt" 亚麻衬衫 and "new Chinese style" 新中式.
#
# **It does not show** demand for your dresses: searches are not orders, and the whole platform may have grown.
#
# **On Monday:** plan the season by last year's curve, and look for growth in the terms that grow year on year.
#
# **Your turn:** ask for `month="2026-02"`; how much of the fall from January is only the shorter month?

# %% [markdown] tags=["syllabus:C2.F2c"]
# ### 3.6 Interaction (互动行为) and purchase intent (购买意向)
#
# *Claim: likes and comments predict purchase with an accuracy of 67 % (mother-and-baby shop).*
#
# The rule behind the figure: whoever interacts twice or more will buy.
# An **accuracy** (准确率) means nothing without the **base rate** (基准率): where few buy, "nobody buys" is right most of the time.
# The outline prints the same 67 % again in chapter 5, for another model, and again without a base rate.

# %% tags=["syllabus:C2.F2c"]
features = targeting.intent_features(datasets.load("events", shop="mother_baby"))
features = features[features["interactions"] > 0]
report = targeting.intent_model(features, time="started_at", rule="interactions >= 2")
plots.intent(report)
audit = claims.audit("C2.F2c")
plots.claim(audit)
print(report.table.set_index("metric").to_string())
print(report.lift[["decile", "lift", "cumulative_share"]].head(3).to_string(index=False))
audit.table

# %% [markdown] tags=["syllabus:C2.F2c"]
# **It shows** that the rule is right 67 % of the time, and that "nobody buys" is right 85 % of the time.
# By accuracy the rule is worse than no rule.
# Yet it is not worthless: of those it names, 25 % buy, against 15 % of all.
# The plot has the measures that say so: the likeliest tenth buys 1.7 times as often as the average (提升度, lift), the likeliest three tenths hold 51 % of the buyers, and foretold shares can be held against what happened (校准, calibration).
#
# **It does not show** that asking people to like things makes them buy.
#
# **On Monday:** when you hear an accuracy, ask what "always no" would score; then ask for the lift in the group you can afford to contact.

# %% [markdown] tags=["syllabus:C2.F3a"]
# ### 3.7 Sales by day of the week (销量趋势)
#
# *Claim: a fast-moving-goods brand sells 25 % more at weekends.*
#
# More than what, and in which weeks?
# We compare each day with the average day of its own week, and leave out the promotion weeks: a festival that falls on a Saturday is not a weekend effect.

# %% tags=["syllabus:C2.F3a"]
fmcg, calendar = datasets.load("orders", shop="fmcg"), datasets.load("calendar")
week = sales.day_of_week_index(fmcg, leave_out=calendar)
weekend = sales.day_of_week_index(fmcg, leave_out=calendar, by="weekend")
plots.day_of_week(week)
audit = claims.audit("C2.F3a")
plots.claim(audit)
print(pd.concat([week, weekend]).to_string())
audit.table

# %% [markdown] tags=["syllabus:C2.F3a"]
# **It shows** Saturday at 1.27 and Sunday at 1.24 of the average day of their week, both intervals clear of 1.
# The claim holds, and its base is now written down.
# Against the average *weekday* the same data say 39 % more: another base, another figure, and nobody lied.
#
# **It does not show** whether the weekend makes sales or takes them from Thursday.
#
# **On Monday:** plan the warehouse's weekend shift by this index, and check it again after the summer.
#
# **Your turn:** leave the promotion weeks in; which day moves most, and why?

# %% [markdown] tags=["syllabus:C2.F3b"]
# ### 3.8 Order value (笔单价, AOV): related recommendation 关联推荐
#
# *Claim: related recommendation raises the order value by 18 % (home shop).*
#
# The outline says 客单价, which is sales per **buyer**; what a recommendation changes first is sales per **order**.
# Visitors were put into the arms by lot, so the orders of one visitor belong together: the audit adds them up per visitor before it compares.

# %% tags=["syllabus:C2.F3b"]
lots = datasets.load("experiments", shop="home", columns=["visitor_id", "arm"])
visits = datasets.load("sessions", shop="home", columns=["session_id", "visitor_id"]).merge(lots)
bills = datasets.load("orders", shop="home").query("status == 'paid'").merge(visits, on="session_id")
items = datasets.load("order_lines", shop="home").merge(bills[["order_id", "arm"]], on="order_id")
total = items.groupby("arm")[["quantity", "amount"]].sum().set_axis(["units", "yuan"], axis=1)
total["orders"], total["lines"] = bills["arm"].value_counts(), items["arm"].value_counts()
pairs = [("lines", "order"), ("units", "line"), ("yuan", "unit")]
parts = pd.DataFrame({f"{top} per {base}": total[top] / total[f"{base}s"] for top, base in pairs})
arm = parts.T.to_dict()
tree = sales.bridge(arm["control"], arm["treatment"], total="yuan per order")
plots.bridge(tree)
audit = claims.audit("C2.F3b")
plots.claim(audit)
print(tree.to_string())
audit.table

# %% [markdown] tags=["syllabus:C2.F3b"]
# **It shows** 65 yuan more per order, up 16 % (9 to 23 %): the claim holds.
# The waterfall says why, exactly and without a rest: more lines per order bring 69 yuan, more units per line 8, and cheaper units take 13 back.
# After over before, the usual way, gives 20 %, because it cannot tell the recommendation from the calendar.
#
# **It does not show** the margin of the added lines, nor whether these customers buy less next month.
#
# **On Monday:** switch it on, and put the return rate of the recommended lines on the board.

# %% [markdown] tags=["syllabus:C2.F3c"]
# ### 3.9 Margin (利润率): dynamic pricing 动态定价
#
# *Claim: dynamic pricing raises the margin by 12 %.*
#
# Percent or points?
# And of what, the margin **rate** (毛利率) or the margin in yuan?
# Since April each order line of this shop was billed at the list price or at the dynamic price, by lot.

# %% tags=["syllabus:C2.F3c"]
lines = shop["order_lines"].merge(shop["orders"], on=["order_id", "shop"], suffixes=("", "_order"))
lines = lines[(lines["ordered_at"] >= "2026-04-01") & (lines["status"] == "paid")]
lines = lines.assign(margin=lines["amount"] - lines["quantity"] * lines["unit_cost"])
money = {"numerator": "margin", "denominator": "amount"}
rate = experiment.compare_means(lines, arm="price_rule", control="list", **money)
old, new = (lines[lines["price_rule"] == rule] for rule in ["list", "dynamic"])
margin = sales.margin_bridge(old, new)
print(rate[["control", "treatment"]].to_string())
plots.experiment(rate, what="Margin rate")
plots.bridge(margin, value="rate_effect")
audit = claims.audit("C2.F3c")
plots.claim(audit)
print(margin.to_string())
audit.table

# %% [markdown] tags=["syllabus:C2.F3c"]
# **It shows** a margin rate of 34 % at the dynamic price against 30 % at the list price: 3.7 points more, which is 12 % more (11 to 13 %).
# The claim holds for the rate, and the bridge shows that price does nearly all of it.
#
# **It does not show** the customers who went away.
# The lot fell on the line, after the customer had chosen; nobody in this test could refuse a price.
#
# **On Monday:** ask for a test that randomises *visitors* and counts yuan, and keep the law in view: PIPL Art. 24 forbids automated decisions that treat persons unreasonably differently in price (大数据杀熟).
# A price may follow the hour and the stock, not the person.

# %% [markdown] tags=["syllabus:C2.S"]
# ## 4 Summary (总结): the closed loop (闭环)
#
# The loop has three stations, and a figure that skips one is a slide.
#
# | Station | In this chapter | Tools practised |
# |---|---|---|
# | Collect 采集 | events, the 20 metrics, roles and masks | GrowingIO or Baidu Tongji, Sycm |
# | Analyse 分析 | three frameworks: funnel, behaviour, sales | pandas, Excel pivot, Tableau |
# | Apply 应用 | a decision with its worth and its gaps, then collect again | the board |
#
# The outline asks for at least three tools; you have used pandas and a pivot table here, and the preparation tasks add Tableau.
#
# Two cells close the loop.
# The first puts every figure of the outline's chapter 2 beside what the data say.
# The second answers the owner in yuan of margin a month: per visitor who began the checkout in the one case, at unchanged quantities in the other.

# %% tags=["syllabus:C2.S"]
ledger = claims.table(chapter=2)
plots.claims(ledger)
ledger["verdict"].value_counts().to_frame()

# %% tags=["syllabus:C2.S"]
visits = lines.merge(shop["sessions"][["session_id", "visitor_id"]], on="session_id")
earned = visits.groupby("visitor_id")["margin"].sum()
began["margin"] = began["visitor_id"].map(earned).fillna(0)
gain = experiment.compare_means(began, numerator="margin", control="treatment")
ends = ["change", "change_low", "change_high"]
short = gain[ends] * len(began) / 2  # the log covers two months
price = margin.loc["price", "effect"] / len(new) * len(lines) / 3  # the price test, three
dynamic = rate[ends] / rate["change"].iloc[0] * price
unit = margin.loc["price", ["before", "after"]] - margin.loc["cost", ["before", "after"]]
lost = 1 - unit["before"] / unit["after"]
print("the dynamic price earns nothing once units fall by", round(lost, 3))
worth = pd.concat([short, dynamic]).set_axis(["short checkout", "dynamic price, if nobody leaves"])
worth.set_axis(["yuan a month", "low", "high"], axis=1).round(-2)

# %% [markdown] tags=["syllabus:C2.S", "syllabus:C2.F1a", "syllabus:C2.F1c", "syllabus:C2.F3c"]
# **The ledger shows** which figures survive: 6 hold, 1 does not, and 5 depend on what is counted.
# A figure that holds has an interval around it; a figure that depends on what is counted has a second figure beside it.
#
# ### 4.1 The answer to the owner, in four sentences
#
# > Give everyone the short checkout now: it already runs for half of the visitors, so there is little to build, and a test by lot shows that the long one loses 7 points more of those who begin.
# > It is worth about 17,700 yuan of margin a month, and the data allow anything from 1,700 to 33,800.
# > Dynamic pricing would be worth 32,600 a month if nobody left, but its test could not see anyone leave, and it earns nothing once units fall by 15 %; test it next, by visitor.
# > The home page has no test at all, so its worth is unknown, and it waits.
#
# **It does not show** the cost of the work, nor the autumn: two months stand for a year.
#
# **On Monday:** write down what would change the decision.
# Here it is a price test by visitor in which fewer than 15 % of the units are lost.

# %% [markdown] tags=["quiz"]
# ### 4.2 Recap in five lines
#
# 1. A figure without definition, base, comparison, window and interval is a claim; five questions make it testable.
# 2. People cannot be added over days or channels; the paid amount can, and splits exactly into visitors, conversion and value per buyer.
# 3. The last page of a session is censored, not zero; "next" and "ever" are two figures; June over May contains the summer.
# 4. An accuracy needs a base rate, an experiment needs its sample ratio, a margin needs its unit: percent, points or yuan.
# 5. Masked is not anonymous: count k before you release, and keep the key apart.
#
# ### 4.3 Check yourself (自测)
#
# Say your answer aloud, then open the fold.
#
# **1.** Conversion rose from 2.0 % to 2.5 %; by how much?
# <details><summary>Answer</summary>By 0.5 percentage points, and by 25 %. Say both, and the number of visitors behind them.</details>
#
# **2.** The shop had 300 visitors on Monday and 300 on Tuesday.
# How many visitors in the two days?
# <details><summary>Answer</summary>Between 300 and 600. Only the log can tell, by counting each visitor once.</details>
#
# **3.** A report says that the order page is read for 0 seconds on average.
# What happened?
# <details><summary>Answer</summary>It is the last page of its sessions; its time is censored, and somebody counted it as zero.</details>
#
# **4.** A model finds buyers with 90 % accuracy. 8 % of the visitors buy.
# Is it good?
# <details><summary>Answer</summary>"Nobody buys" is right 92 % of the time. Ask for lift, AUC and calibration.</details>
#
# **5.** Searches for "down jacket" rose by 60 % from September to October.
# Order more?
# <details><summary>Answer</summary>Not for that reason: autumn does this every year. Compare with last October first.</details>
#
# **6.** A file holds the birth year, the city and the hash of the mobile number, and no names.
# Is it anonymous?
# <details><summary>Answer</summary>No. A plain hash can be undone by trying all numbers, and birth year with city singles many people out. It is personal data in both laws.</details>
#
# **7.** An experiment was planned half and half; 5,200 visitors are in one arm and 4,800 in the other.
# Do you read its result?
# <details><summary>Answer</summary>No. With 10,000 visitors such a split happens by chance less than once in 10,000 times. Find out where the missing visitors went first.</details>
#
# **8.** Weekend sales are 25 % above the average day of the week.
# How much above the average weekday?
# <details><summary>Answer</summary>Five weekdays must average (7 − 2 × 1.25) / 5 = 0.9, so 1.25 / 0.9 is 39 % above. The base makes the figure.</details>

# %% [markdown] tags=["syllabus:C2.P1", "syllabus:C2.P2", "syllabus:C2.P3"]
# ## 5 Preparation tasks (预习任务)
#
# The outline prints the three tasks of chapter 1 again, word for word.
# We vary them, so that doing them twice teaches twice.
#
# - **P1 Tableau.** In the trial version, finish the e-commerce sample template, then build the same view from *this* shop: visitors and paid amount by channel.
#   Your dashboard is right when its totals equal the row "all" of the table below.
# - **P2 Visitor sources (访客来源), the past 30 days.** In chapter 1 you did it for one shop; now do it for the home shop, in the layout of Sycm (生意参谋).
#   The cell does it for the cross-border shop: change one word, and write three sentences for the owner.
# - **P3 Three analytics tools (工具对比).** Compare three tools in a table, but decide first: write down five needs of your shop with weights that add up to 100, score each tool from 0 to 5, and find out whether the winner changes when you halve your heaviest weight.

# %% tags=["syllabus:C2.P1", "syllabus:C2.P2"]
name = "cross_border"
sessions, bills, clicks = (datasets.load(t, shop=name) for t in ["sessions", "orders", "events"])
sources = channels.visitor_sources(sessions, bills, end="2026-07-01", days=30, events=clicks)
plots.sources(sources)
plots.daily_sources(channels.daily_sources(sessions, end="2026-07-01", days=30))
sycm = {"uv": "访客数", "new_uv": "新访客数", "bounce": "跳失率", "buyers": "支付买家数",
        "conversion_rate": "支付转化率", "paid_amount": "支付金额", "uv_value": "UV价值"}  # fmt: skip
sources[list(sycm)].rename(columns=sycm).rename_axis("流量来源")

# %% [markdown] tags=["syllabus:C2.P1", "syllabus:C2.P2"]
# **It shows** that search brings the most visitors, 3,783 of 10,838, and that the live room converts best, at 15 %.
# The rows of 访客数 do not add up to the last one, and must not.
# The paid amount is a little below the board's: here an order counts only if its session lies in the 30 days.
#
# **It does not show** what a channel causes: the last channel before the sale takes all of it here, and a visitor who came by search may have seen the live room first.
#
# **On Monday:** move no budget on this table alone; chapter 3 measures what a channel adds.
#
# ## 6 To go further
#
# - **Assignment 2** takes you through a month of the mother-and-baby shop.
# - R. Kohavi, D. Tang, Y. Xu, *Trustworthy Online Controlled Experiments*, Cambridge 2020: sample ratios, and why so many results that look too good are errors.
# - B. W. Ang, "The LMDI approach to decomposition analysis", *Energy Policy* 33 (2005): the exact bridge.
# - Regulation (EU) 2016/679, Art. 4, 25, 32, on EUR-Lex; 个人信息保护法, Art. 4, 24, 73.
# - The *Online Shoppers Purchasing Intention* data of the UCI repository: repeat section 3.6 on a real shop, and see what "always no" scores there.
# - Chapter 3 asks where the visitors come from, and what they cost.
